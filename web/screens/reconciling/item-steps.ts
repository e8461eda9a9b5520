import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client';
import type { components } from '../../api/schema';

type ReconcilingItems = components['schemas']['ReconcilingItems'];
type NewReconcilingItem = components['schemas']['NewReconcilingItem'];

export type ItemStep = 'approve' | 'revoke';

/** What an item changes, beside itself: the exceptions that it explains, and what they block. */
function useTakeIn(): (items: ReconcilingItems) => void {
  const queries = useQueryClient();
  return (items) => {
    queries.setQueryData(['reconciling-items'], items);
    for (const queryKey of [['exceptions'], ['overview'], ['periods']])
      void queries.invalidateQueries({ queryKey });
  };
}

export function useDecideItem(): UseMutationResult<
  ReconcilingItems,
  Error,
  { step: ItemStep; id: string; reason: string }
> {
  const takeIn = useTakeIn();
  return useMutation({
    mutationFn: ({ step, id, reason }) => {
      const order = { params: { path: { id } }, body: { reason } };
      return step === 'approve'
        ? dataOf(api.POST('/api/v1/reconciling-items/{id}/approve', order))
        : dataOf(api.POST('/api/v1/reconciling-items/{id}/revoke', order));
    },
    onSuccess: takeIn,
  });
}

export function useNameItem(): UseMutationResult<ReconcilingItems, Error, NewReconcilingItem> {
  const takeIn = useTakeIn();
  return useMutation({
    mutationFn: (body) => dataOf(api.POST('/api/v1/reconciling-items', { body })),
    onSuccess: takeIn,
  });
}
