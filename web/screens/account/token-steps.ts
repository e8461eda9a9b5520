import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client';
import type { components } from '../../api/schema';

type Made = components['schemas']['OwnTokenMade'];
type Order = components['schemas']['NewOwnToken'];

export function useMakeToken(): UseMutationResult<Made, Error, Order> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body) => dataOf(api.POST('/api/v1/me/tokens', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['own-tokens'] }),
  });
}

export function useRevokeToken(): UseMutationResult<unknown, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) =>
      dataOf(api.POST('/api/v1/me/tokens/{id}/revoke', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['own-tokens'] }),
  });
}
