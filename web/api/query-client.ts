import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client';

const freshMs = 15_000;
const mostRetries = 2;

/** A refusal is an answer; only what may pass by itself is asked for again. */
const mayPass = (error: Error): boolean =>
  !(error instanceof ApiProblem) || error.status === 0 || error.status >= 502;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: freshMs,
      retry: (failures, error) => failures < mostRetries && mayPass(error),
      refetchOnWindowFocus: true,
    },
  },
});
