import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, dataOf, rememberCsrfToken } from '../api/client';
import type { components } from '../api/schema';

export type Me = components['schemas']['Me'];
type Permission = Me['permissions'][number];
export type Action = Permission['action'];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    const me = await dataOf(api.GET('/api/v1/me'));
    rememberCsrfToken(me.csrf_token);
    return me;
  },
  staleTime: 300_000,
});

/** Whether the caller may do something at all, or for one entity. The API decides again. */
export function mayOf(me: Me | undefined, action: Action, entity?: string): boolean {
  const permission = me?.permissions.find((one) => one.action === action);
  if (permission === undefined) return false;
  return (
    entity === undefined ||
    permission.reach.some((part) => part.entity === null || part.entity === entity)
  );
}

export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

export function useMay(): (action: Action, entity?: string) => boolean {
  const me = useMe();
  return (action, entity) => mayOf(me, action, entity);
}

/** The name of an entity, or its id where the reader's company does not list it. */
export function useEntityName(): (id: string) => string {
  const me = useMe();
  return (id) => me?.entities.find((entity) => entity.id === id)?.name ?? id;
}
