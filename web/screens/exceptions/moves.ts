import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client';
import type { BulkResult, ExceptionDetail, ExceptionMove } from '../../api/types';

/** What each move is called on a button; `asks` says what must be given with it. */
export const moveWords = {
  acknowledge: { word: 'Acknowledge', asks: 'nothing' },
  propose: { word: 'Propose a disposition', asks: 'disposition' },
  withdraw: { word: 'Withdraw the proposal', asks: 'reason' },
  send_back: { word: 'Send back', asks: 'reason' },
  approve: { word: 'Approve and close', asks: 'note' },
  reopen: { word: 'Reopen', asks: 'reason' },
} as const;
export type ButtonMove = keyof typeof moveWords;
export const buttonMoves = Object.keys(moveWords) as ButtonMove[];

export const dispositionWords = {
  corrected: 'Corrected at the source',
  explained: 'Explained',
  risk_accepted: 'Risk accepted until a date',
  false_positive: 'False positive',
} as const;
export type Disposition = keyof typeof dispositionWords;

export const rootCauseWords = {
  timing: 'Timing',
  data_entry: 'Data entry',
  missing_document: 'Missing document',
  system_defect: 'System defect',
  integration_failure: 'Integration failure',
  process_not_followed: 'Process not followed',
  contract_or_price_change: 'Contract or price change',
  master_data: 'Master data',
  control_rule: 'Rule of the control',
  unknown: 'Unknown',
} as const;
export type RootCause = keyof typeof rootCauseWords;

/** Shows the exception as it now is, and lets lists and figures be read again. */
function useTakeIn(): (exception: ExceptionDetail) => void {
  const queries = useQueryClient();
  return (exception) => {
    queries.setQueryData(['exceptions', exception.exception_id], exception);
    void queries.invalidateQueries({ queryKey: ['exceptions', 'list'] });
    void queries.invalidateQueries({ queryKey: ['overview'] });
    void queries.invalidateQueries({ queryKey: ['periods'] });
  };
}

export function useMove(
  exception: Pick<ExceptionDetail, 'exception_id' | 'last_event'>,
): UseMutationResult<ExceptionDetail, Error, ExceptionMove> {
  const takeIn = useTakeIn();
  const { exception_id: id, last_event: lastEvent } = exception;
  return useMutation({
    mutationFn: (order) =>
      dataOf(
        api.POST('/api/v1/exceptions/{id}/moves', {
          params: { path: { id } },
          // Refused when somebody else moved it on meanwhile.
          body: lastEvent === null ? order : { ...order, last_event: lastEvent },
        }),
      ),
    onSuccess: takeIn,
  });
}

export function useAttach(id: string): UseMutationResult<ExceptionDetail, Error, File> {
  const takeIn = useTakeIn();
  return useMutation({
    mutationFn: (file) =>
      dataOf(
        api.POST('/api/v1/exceptions/{id}/attachments', {
          params: { path: { id }, query: { name: file.name } },
          headers: { 'Content-Type': 'application/octet-stream' },
          body: '',
          bodySerializer: () => file,
        }),
      ),
    onSuccess: takeIn,
  });
}

/** Most that the API moves at once. */
export const mostAtOnce = 500;

export function useBulkMove(): UseMutationResult<
  BulkResult,
  Error,
  { ids: string[]; order: ExceptionMove }
> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body) => dataOf(api.POST('/api/v1/exceptions/bulk', { body })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['exceptions'] });
      void queries.invalidateQueries({ queryKey: ['overview'] });
    },
  });
}
