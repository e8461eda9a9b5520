import type { Knex } from 'knex';
import { sha256Hex } from '../core/canonical-json';
import { InvalidInput, type Problem } from '../core/problem';
import type { Clock } from '../platform/clock';
import { newSecret } from './secrets';
import { TokensStore, type TokenScope } from './tokens.store';

export const longestTokenDays = 366;
const longestName = 100;
const dayMs = 86_400_000;

export interface TokenRequest {
  /** Who will use it; runs that it requests carry this name. At most 100 characters. */
  name: string;
  scope: TokenScope;
  /** 1 to 366. */
  expiresInDays: number;
  /** Who made it; `cli` when absent. */
  createdBy?: string;
  /** Whose it is: it acts as that person, within its scope. Absent: a machine's. */
  personId?: string;
  /** The one entity it is held to. */
  entity?: string;
}

/**
 * Makes an API token and returns it, once: only its SHA-256 is stored. Throws InvalidInput when the
 * name is empty or too long, or when it would live longer than a year.
 */
export async function createToken(app: Knex, request: TokenRequest, clock: Clock): Promise<string> {
  return (await insertToken(app, request, clock)).token;
}

/** The same in a transaction of the caller's, and with its id. */
export async function insertToken(
  db: Knex,
  request: TokenRequest,
  clock: Clock,
): Promise<{ id: string; token: string }> {
  refuseUnusable(request);
  const token = newSecret('token');
  const createdAt = clock.now();
  const expires = new Date(Date.parse(createdAt) + request.expiresInDays * dayMs);
  const id = await new TokensStore(db).insert({
    name: request.name,
    scope: request.scope,
    sha256: sha256Hex(token),
    createdAt,
    createdBy: request.createdBy ?? 'cli',
    expiresAt: expires.toISOString(),
    personId: request.personId ?? null,
    entity: request.entity ?? null,
  });
  return { id, token };
}

function refuseUnusable({ name, expiresInDays }: TokenRequest): void {
  const problems: Problem[] = [];
  if (name.trim() === '' || name.length > longestName)
    problems.push({
      field: 'name',
      message: `is empty or longer than ${longestName} characters.`,
      remedy: 'Name who will use the token.',
    });
  if (!Number.isInteger(expiresInDays) || expiresInDays < 1 || expiresInDays > longestTokenDays)
    problems.push({
      field: 'expiresInDays',
      message: `is not a whole number from 1 to ${longestTokenDays}.`,
      remedy: 'Choose a life that somebody will renew in time.',
    });
  if (problems.length > 0) throw new InvalidInput('token', problems);
}
