import type { EntityId } from '../../truth/company';
import { keyLacks, missingKey, wrongAccount, wrongKey } from './stripe-error';

/** A key and what it may do. */
export interface StandInKey {
  /** 'sk_live_…', or 'rk_live_…' of a restricted one. */
  secret: string;
  /** 'all', or permissions as Stripe names them: 'charge_read', 'invoice_write'. */
  permissions: 'all' | readonly string[];
}

/** A Stripe account that the stand-in serves. */
export interface StandInAccount {
  entity: EntityId;
  /** 'acct_…' */
  id: string;
  keys: readonly StandInKey[];
}

export interface Caller {
  account: StandInAccount;
  key: StandInKey;
}

/** Who asks, by the Authorization and Stripe-Account headers; throws 401 and 403 as Stripe does. */
export function callerOf(
  accounts: readonly StandInAccount[],
  authorization: string | undefined,
  onBehalfOf: string | undefined,
): Caller {
  const secret = secretOf(authorization);
  if (secret === null) throw missingKey();
  const owners = accounts.flatMap((account) =>
    account.keys.filter((one) => one.secret === secret).map((key) => ({ account, key })),
  );
  const [own] = owners;
  if (own === undefined) throw wrongKey(secret);
  if (onBehalfOf === undefined) return own;
  const named = owners.find(({ account }) => account.id === onBehalfOf);
  if (named === undefined) throw wrongAccount(secret, onBehalfOf);
  return named;
}

function secretOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const [scheme = '', value = ''] = authorization.split(' ');
  if (/^bearer$/i.test(scheme)) return value === '' ? null : value;
  if (!/^basic$/i.test(scheme)) return null;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? null;
}

/** Throws 403 unless the key may; what may write may read. */
export function mustMay(
  { key, account }: Caller,
  permission: string,
  what: 'read' | 'write',
): void {
  if (key.permissions === 'all') return;
  const enough = what === 'read' ? ['read', 'write'] : ['write'];
  if (enough.some((one) => key.permissions.includes(`${permission}_${one}`))) return;
  throw keyLacks(key.secret, account.id, `${permission}_${what}`);
}
