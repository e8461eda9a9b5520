import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from './client';
import type { operations } from './schema';

export type RunFilters = NonNullable<operations['listRuns']['parameters']['query']>;

export const waysInQuery = queryOptions({
  queryKey: ['ways-in'],
  queryFn: () => dataOf(api.GET('/api/v1/sign-in')),
  staleTime: Infinity,
});

export const ownTokensQuery = queryOptions({
  queryKey: ['own-tokens'],
  queryFn: () => dataOf(api.GET('/api/v1/me/tokens')),
});

export const ownSessionsQuery = queryOptions({
  queryKey: ['own-sessions'],
  queryFn: () => dataOf(api.GET('/api/v1/me/sessions')),
});

export const controlsQuery = queryOptions({
  queryKey: ['controls'],
  queryFn: () => dataOf(api.GET('/api/v1/controls')),
});

export const controlQuery = (id: string) =>
  queryOptions({
    queryKey: ['controls', id],
    queryFn: () => dataOf(api.GET('/api/v1/controls/{id}', { params: { path: { id } } })),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['controls', id, 'versions'],
    queryFn: () => dataOf(api.GET('/api/v1/controls/{id}/versions', { params: { path: { id } } })),
  });

export const replaysQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ['controls', id, 'replays', version],
    queryFn: () =>
      dataOf(
        api.GET('/api/v1/controls/{id}/versions/{version}/replays', {
          params: { path: { id, version } },
        }),
      ),
  });

/** Texts of versions never change, so neither does what lies between two of them. */
export const differenceQuery = (id: string, version: string, against: string | undefined) =>
  queryOptions({
    queryKey: ['controls', id, 'difference', version, against ?? null],
    queryFn: () =>
      dataOf(
        api.GET('/api/v1/controls/{id}/versions/{version}/difference', {
          params: { path: { id, version }, query: against === undefined ? {} : { against } },
        }),
      ),
    staleTime: Infinity,
  });

export const reconcilingItemsQuery = queryOptions({
  queryKey: ['reconciling-items'],
  queryFn: () => dataOf(api.GET('/api/v1/reconciling-items')),
});

export const runsQuery = (filters: RunFilters) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'list', filters],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/api/v1/runs', {
          params: { query: { ...filters, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id],
    queryFn: () => dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } })),
  });

export const statementQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id, 'statement'],
    queryFn: () => dataOf(api.GET('/api/v1/runs/{id}/statement', { params: { path: { id } } })),
  });

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id, 'evidence'],
    queryFn: () => dataOf(api.GET('/api/v1/runs/{id}/evidence', { params: { path: { id } } })),
  });

/** The evidence's own account of each population: its SQL, parameters and sources. */
export const populationProofsQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id, 'populations'],
    queryFn: (): Promise<unknown> =>
      dataOf(
        api.GET('/api/v1/runs/{id}/evidence/{path}', {
          params: { path: { id, path: 'populations.json' } },
          parseAs: 'json',
        }),
      ),
    staleTime: Infinity,
  });

export const exceptionQuery = (id: string) =>
  queryOptions({
    queryKey: ['exceptions', id],
    queryFn: () => dataOf(api.GET('/api/v1/exceptions/{id}', { params: { path: { id } } })),
  });

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: () => dataOf(api.GET('/api/v1/sources')),
});

export type WindowsOf = operations['listSourceWindows']['parameters']['query'];

export const sourceWindowsQuery = (of: WindowsOf) =>
  queryOptions({
    queryKey: ['sources', 'windows', of],
    queryFn: () => dataOf(api.GET('/api/v1/sources/windows', { params: { query: of } })),
  });

export const overviewQuery = (entity: string | undefined) =>
  queryOptions({
    queryKey: ['overview', entity ?? null],
    queryFn: () =>
      dataOf(
        api.GET('/api/v1/overview', {
          params: { query: entity === undefined ? {} : { entity } },
        }),
      ),
  });

/** People by name, to whom work can be given. */
export const peopleNamesQuery = queryOptions({
  queryKey: ['people', 'names'],
  queryFn: () => dataOf(api.GET('/api/v1/people/names')),
  staleTime: 300_000,
});

export const peopleQuery = queryOptions({
  queryKey: ['people', 'all'],
  queryFn: () => dataOf(api.GET('/api/v1/people')),
});

export const journeyQuery = (id: string) =>
  queryOptions({
    queryKey: ['exceptions', id, 'journey'],
    queryFn: () => dataOf(api.GET('/api/v1/exceptions/{id}/journey', { params: { path: { id } } })),
  });

export type LineOf = operations['listLineItems']['parameters']['query'];

/** Of a recorded run: what it says never changes. */
export const lineItemsQuery = (id: string, line: LineOf) =>
  queryOptions({
    queryKey: ['runs', id, 'items', line],
    queryFn: () =>
      dataOf(api.GET('/api/v1/runs/{id}/items', { params: { path: { id }, query: line } })),
    staleTime: Infinity,
  });

export const periodsQuery = (entity: string) =>
  queryOptions({
    queryKey: ['periods', 'list', entity],
    queryFn: () => dataOf(api.GET('/api/v1/periods', { params: { query: { entity } } })),
  });

export const closeQuery = (entity: string, period: string) =>
  queryOptions({
    queryKey: ['periods', 'close', entity, period],
    queryFn: () => dataOf(api.GET('/api/v1/close', { params: { query: { entity, period } } })),
  });

export type AuditFilters = NonNullable<operations['listAuditEvents']['parameters']['query']>;

export const auditQuery = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['audit', filters],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/api/v1/audit', {
          params: { query: { ...filters, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
