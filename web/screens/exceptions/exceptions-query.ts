import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client';
import type { operations } from '../../api/schema';
import { listIn } from '../../address';

export interface ExceptionFilters {
  state?: string;
  severity?: string;
  control?: string;
  entity?: string;
  period?: string;
  code?: string;
  assignee?: string;
  overdue?: string;
  sort?: string;
  q?: string;
}

type Query = NonNullable<operations['listExceptions']['parameters']['query']>;

export const states = ['open', 'cleared'] as const;
export const severities = ['critical', 'high', 'medium', 'low'] as const;
const pageSize = 200;

/** The API's query for what the address says; what it does not know is left out. */
export function queryOf(filters: ExceptionFilters): Query {
  const [state] = listIn(filters.state, states);
  const [severity] = listIn(filters.severity, severities);
  return {
    limit: pageSize,
    ...(state === undefined ? {} : { state }),
    ...(severity === undefined ? {} : { severity }),
    ...(filters.control === undefined ? {} : { control: filters.control }),
    ...(filters.entity === undefined ? {} : { entity: filters.entity }),
    ...(filters.period === undefined ? {} : { period: filters.period }),
    ...(filters.code === undefined ? {} : { code: filters.code }),
  };
}

export const exceptionsQuery = (filters: ExceptionFilters) =>
  infiniteQueryOptions({
    queryKey: ['exceptions', 'list', queryOf(filters)],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/api/v1/exceptions', {
          params: {
            query: { ...queryOf(filters), ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
