/** An answer that is no success, in Stripe's own shape. */
export class StripeError extends Error {
  constructor(
    readonly status: number,
    readonly error: Readonly<Record<string, string>>,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(error.message);
  }
}

const docUrl = (code: string): string =>
  `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}`;

/** 400 with a code that Stripe documents. */
export const invalidRequest = (
  code: string,
  message: string,
  param: string,
  status = 400,
): StripeError =>
  new StripeError(status, {
    ...{ code, doc_url: docUrl(code), message, param },
    type: 'invalid_request_error',
  });

/** What an id that is not there gives: 404 in a path, 400 in a parameter. */
export const resourceMissing = (noun: string, id: string, param: string): StripeError =>
  invalidRequest('resource_missing', `No such ${noun}: '${id}'`, param, param === 'id' ? 404 : 400);

export const unknownUrl = (method: string, path: string): StripeError =>
  new StripeError(404, {
    message:
      `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we ` +
      'can help at https://support.stripe.com/.',
    type: 'invalid_request_error',
  });

const masked = (key: string): string => {
  const head = /^[a-z]+_(live|test)_/.exec(key)?.[0] ?? '';
  return `${head}${'*'.repeat(Math.max(key.length - head.length - 4, 1))}${key.slice(-4)}`;
};

export const missingKey = (): StripeError =>
  new StripeError(401, {
    message:
      'You did not provide an API key. You need to provide your API key in the Authorization ' +
      "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See " +
      'https://stripe.com/docs/api#authentication for details, or we can help at ' +
      'https://support.stripe.com/.',
    type: 'invalid_request_error',
  });

export const wrongKey = (key: string): StripeError =>
  new StripeError(401, {
    message: `Invalid API Key provided: ${masked(key)}`,
    type: 'invalid_request_error',
  });

export const keyLacks = (key: string, account: string, permission: string): StripeError =>
  new StripeError(403, {
    message:
      `The provided key '${masked(key)}' does not have the required permissions for this ` +
      `endpoint on account '${account}'. Having the 'rak_${permission}' permission would allow ` +
      'this request to continue.',
    type: 'invalid_request_error',
  });

export const wrongAccount = (key: string, account: string): StripeError =>
  new StripeError(403, {
    code: 'account_invalid',
    doc_url: docUrl('account_invalid'),
    message:
      `The provided key '${masked(key)}' does not have access to account '${account}' (or that ` +
      'account does not exist). Application access may have been revoked.',
    type: 'invalid_request_error',
  });

export const rateLimited = (retryAfterS: number | null): StripeError =>
  new StripeError(
    429,
    {
      code: 'rate_limit',
      doc_url: docUrl('rate_limit'),
      message:
        'Request rate limit exceeded. You can learn more about rate limits here ' +
        'https://stripe.com/docs/rate-limits.',
      type: 'invalid_request_error',
    },
    {
      'stripe-rate-limited-reason': 'endpoint-rate',
      ...(retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) }),
    },
  );

export const serverError = (): StripeError =>
  new StripeError(500, {
    message:
      'Sorry! There was an error while talking to one of our backends. Support has been notified.',
    type: 'api_error',
  });
