import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client';
import { Answer } from '../parts/answers';
import { meQuery } from '../session/me';
import { Frame } from './frame';

/** The screens for whoever is known; the way to sign in for everybody else. */
export function Gate(): ReactNode {
  const query = useQuery(meQuery);
  if (query.error instanceof ApiProblem && query.error.status === 401)
    return <Navigate to="/sign-in" />;
  return <Answer query={query}>{() => <Frame />}</Answer>;
}
