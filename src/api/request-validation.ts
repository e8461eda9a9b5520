import { StandardSchemaValidationPipe } from '@nestjs/common';
import { InvalidInput, type Problem } from '../core/problem';

type Issues = Parameters<
  NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory'] &
    object
>[0];

const mostProblems = 100;

/** Holds bodies, queries and path parameters against their schemas; tells every field at once. */
export function requestValidation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new InvalidInput('request', issues.slice(0, mostProblems).map(problemOf)),
  });
}

function problemOf(issue: Issues[number]): Problem {
  const parts = (issue.path ?? []).map((part) =>
    String(typeof part === 'object' ? part.key : part),
  );
  const unknown: unknown = 'keys' in issue ? issue.keys : [];
  const field = [...parts, ...(Array.isArray(unknown) ? [unknown.join(', ')] : [])]
    .filter(Boolean)
    .join('.');
  return {
    ...(field === '' ? {} : { field }),
    message: `${issue.message}.`,
    remedy: 'Correct it; /api/docs shows the form.',
  };
}
