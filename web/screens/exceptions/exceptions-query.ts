import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client';
import type { operations } from '../../api/schema';
import { listIn } from '../../address';

/** What the address of the list says. */
export interface ExceptionFilters {
  state?: string;
  severity?: string;
  control?: string;
  entity?: string;
  period?: string;
  code?: string;
  run?: string;
  assignee?: string;
  overdue?: string;
  sort?: string;
  text?: string;
}

export const filterNames = [
  'state',
  'severity',
  'control',
  'entity',
  'period',
  'code',
  'run',
  'assignee',
  'overdue',
  'sort',
  'text',
] as const satisfies (keyof ExceptionFilters)[];

export type ExceptionQuery = NonNullable<operations['listExceptions']['parameters']['query']>;

export const states = ['open', 'acknowledged', 'proposed', 'closed', 'cleared'] as const;
/** Still somebody's work. */
export const unsettled = 'open,acknowledged,proposed';
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export const sorts = ['newest', 'oldest', 'impact', 'severity', 'due'] as const;
const pageSize = 200;

/** The API's query for what the address says; what the API does not know is left out. */
export function queryOf(filters: ExceptionFilters): ExceptionQuery {
  const state = listIn(filters.state, states);
  const severity = listIn(filters.severity, severities);
  const [sort] = listIn(filters.sort, sorts);
  const { control, entity, period, code, run, assignee, overdue, text } = filters;
  return {
    ...(state.length === 0 ? {} : { state: state.join(',') }),
    ...(severity.length === 0 ? {} : { severity: severity.join(',') }),
    ...(sort === undefined ? {} : { sort }),
    ...(control === undefined ? {} : { control }),
    ...(entity === undefined ? {} : { entity }),
    ...(period === undefined ? {} : { period }),
    ...(code === undefined ? {} : { code }),
    ...(run === undefined ? {} : { run }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(overdue === 'true' ? { overdue } : {}),
    ...(text === undefined || text.trim().length < 2 ? {} : { text: text.trim() }),
  };
}

/** The same list as a file: an export takes the same filters. */
export function exportAddress(filters: ExceptionFilters, format: 'csv' | 'xlsx'): string {
  const query = Object.entries(queryOf(filters)).map(([name, value]) => [name, String(value)]);
  return `/api/v1/exceptions/export?${new URLSearchParams([...query, ['format', format]])}`;
}

export const exceptionsQuery = (filters: ExceptionFilters) =>
  infiniteQueryOptions({
    queryKey: ['exceptions', 'list', queryOf(filters)],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/api/v1/exceptions', {
          params: {
            query: {
              ...queryOf(filters),
              limit: pageSize,
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
