/**
 * The code of a system error ('ENOENT') or database error ('57P03'). By shape, not by class: an
 * error made by Node itself is no instance of the Error that a test realm sees.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
