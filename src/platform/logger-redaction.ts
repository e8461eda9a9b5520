import { types } from 'node:util';
import { formatProblem, InvalidInput } from '../core/problem';

const redacted = '[redacted]';
const textLimit = 4_000;
const listLimit = 100;
const depthLimit = 8;
const stackFrames = 12;

/** Fields whose value is never written, whatever it is. */
const secretKey = new RegExp(
  'token|passw|passphrase|secret|authorization|cookie|credential|api_?-?key|private_?-?key|' +
    'signature|session_?-?id|dsn|connection_?-?string',
  'i',
);

/** Values that give themselves away, in any field or message. The first group, if any, is kept. */
const secretValues: [RegExp, string][] = [
  [/\b(?:xox[a-z]|xapp)-[\w-]+/gi, redacted],
  [/\b[spr]k_(?:live|test)_\w+/gi, redacted],
  [/\bwhsec_\w+/g, redacted],
  [/\btieout_[\w-]{43}/g, redacted], // our own API tokens
  [/\bhooks\.slack\.com\/services\/[\w/]+/gi, `hooks.slack.com/services/${redacted}`],
  [/\bAKIA[A-Z0-9]{16}\b/g, redacted],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, redacted], // JSON web token
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${redacted}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*:[^\s/]*@/gi, `$1${redacted}@`],
  [/\b((?:password|passwd|pwd|token|secret|api_?key)\s*[=:]\s*)[^\s,;&"'}]+/gi, `$1${redacted}`],
  [/[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi, '[e-mail]'],
];

/** A text without secrets and e-mail addresses, cut at a length that a log line can bear. */
export function redactText(text: string): string {
  const cut =
    text.length > textLimit ? `${text.slice(0, textLimit)}… (${text.length} chars)` : text;
  return secretValues.reduce((rest, [pattern, by]) => rest.replace(pattern, by), cut);
}

/** Any value as plain JSON data that is safe to log: redacted, finite, with errors spelled out. */
export function loggable(value: unknown, depth = 0, above: readonly unknown[] = []): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[circular]';
  if (depth >= depthLimit) return '[deeper]';
  const inner = (item: unknown): unknown => loggable(item, depth + 1, [...above, value]);
  if (isError(value)) return loggableError(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value] as unknown[];
    const rest = items.length - listLimit;
    return [...items.slice(0, listLimit).map(inner), ...(rest > 0 ? [`… and ${rest} more`] : [])];
  }
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(
    entries.slice(0, listLimit).map(([key, item]: [unknown, unknown]) => {
      const name = String(key);
      return [redactText(name), secretKey.test(name) && item !== null ? redacted : inner(item)];
    }),
  );
}

/** Node's own errors are no instances of the Error that a test realm sees. */
const isError = (value: object): value is Error =>
  value instanceof Error || types.isNativeError(value);

/**
 * Name, message, code and frames of an error, then the same of its cause. Nothing else of it: the
 * further properties of database and HTTP errors hold rows, statements and headers.
 */
function loggableError(error: Error, inner: (item: unknown) => unknown): Record<string, unknown> {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code !== 'object' ? error.code : undefined;
  return {
    type: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code: inner(code) }),
    ...(error instanceof InvalidInput
      ? { problems: inner(error.problems.map(formatProblem)) }
      : {}),
    ...(frames.length > 0 ? { stack: frames.slice(0, stackFrames).map((f) => f.trim()) } : {}),
    ...(error instanceof AggregateError ? { errors: inner(error.errors) } : {}),
    ...(error.cause === undefined ? {} : { cause: inner(error.cause) }),
  };
}
