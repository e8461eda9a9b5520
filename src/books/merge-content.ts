import assert from 'node:assert';
import type { Knex } from 'knex';
import { InvalidInput } from '../core/problem';
import { errorCode } from '../platform/database/error-code';
import { namesOtherEntities, stagedProblems, type StagedPlace } from './check-columns';
import { holdings, type Holder } from './holdings';
import { mergeStaged, type MergeCounts } from './merge-staged';
import type { CurrencyTotal } from './record-extract';

/**
 * Makes the staged rows the full content of their origin. What is wrong in them is looked for only
 * when the table refuses them or they are not all current afterwards: then throws InvalidInput with
 * `subject` and everything that is wrong, and the staged rows are as before.
 */
export async function mergeContent(
  trx: Knex.Transaction,
  place: StagedPlace,
  { subject, extractId, landedAt }: { subject: string; extractId: string; landedAt: string },
  holder: Holder,
): Promise<MergeCounts & { totals: CurrencyTotal[] }> {
  const { table, origin } = place;
  if (await namesOtherEntities(trx, place)) await refuse(trx, subject, place);
  await trx.raw('savepoint unmerged');
  const of = { content: { extractId } };
  const counts = await mergeStaged(trx, {
    ...{ table, columns: holder.names, origin, landedAt, of },
  }).catch(async (cause: unknown) => {
    // A null where there must be none, a repeated key, a check of the table.
    if (!/^23(502|505|514)$/.test(errorCode(cause) ?? '')) throw cause;
    await trx.raw('rollback to savepoint unmerged');
    await refuse(trx, subject, place);
    throw cause;
  });
  const held = await holdings(trx, holder);
  if (held.rows !== counts.rows) {
    await trx.raw('rollback to savepoint unmerged');
    await refuse(trx, subject, place);
  }
  assert(held.rows === counts.rows, 'each landed row is one current row');
  return { ...counts, totals: held.totals };
}

async function refuse(trx: Knex, subject: string, place: StagedPlace): Promise<void> {
  const problems = await stagedProblems(trx, place);
  if (problems.length > 0) throw new InvalidInput(subject, problems);
}
