/** A refusal of the REST API: an HTTP status and `[{ message, errorCode }]` as its body. */
export class SalesforceError extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }
}

/** A refusal that shows where in the query it arose: lines, a caret, row and column from 1. */
export function queryError(
  errorCode: string,
  soql: string,
  at: number,
  message: string,
): SalesforceError {
  const before = soql.slice(0, at);
  const row = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const start = Math.max(0, at - 40);
  const excerpt = soql.slice(start, at + 40).replaceAll('\n', ' ');
  const caret = `${' '.repeat(at - start)}^`;
  return new SalesforceError(
    400,
    errorCode,
    `\n${excerpt}\n${caret}\nERROR at Row:${row}:Column:${column}\n${message}`,
  );
}

export const notFound = (): SalesforceError =>
  new SalesforceError(404, 'NOT_FOUND', 'The requested resource does not exist');

export const invalidSession = (): SalesforceError =>
  new SalesforceError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

export const invalidLocator = (): SalesforceError =>
  new SalesforceError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');

export const queryTimeout = (): SalesforceError =>
  new SalesforceError(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.');

export const requestLimit = (): SalesforceError =>
  new SalesforceError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
