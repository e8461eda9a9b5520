import assert from 'node:assert';
import type { Knex } from 'knex';
import { InvalidInput } from '../core/problem';
import { errorCode } from '../platform/database/error-code';
import { namesOtherEntities, stagedProblems, type StagedPlace } from './check-columns';
import { mergeStaged, type MergeCounts } from './merge-staged';

/**
 * Makes the staged rows the full content of their origin. What is wrong in them is looked for only
 * when the table refuses them or they are not all current afterwards: then throws InvalidInput with
 * `subject` and everything that is wrong, and the staged rows are as before.
 */
export async function mergeContent(
  trx: Knex.Transaction,
  place: StagedPlace,
  { subject, extractId, landedAt }: { subject: string; extractId: string; landedAt: string },
  names: readonly string[],
): Promise<MergeCounts> {
  const { table, origin } = place;
  if (await namesOtherEntities(trx, place)) await refuse(trx, subject, place);
  await trx.raw('savepoint unmerged');
  const of = { content: { extractId } };
  const counts = await mergeStaged(trx, { table, columns: names, origin, landedAt, of }).catch(
    async (cause: unknown) => {
      // A null where there must be none, a repeated key, a check of the table.
      if (!/^23(502|505|514)$/.test(errorCode(cause) ?? '')) throw cause;
      await trx.raw('rollback to savepoint unmerged');
      await refuse(trx, subject, place);
      throw cause;
    },
  );
  const current = await currentRows(trx, place);
  if (current !== counts.rows) {
    await trx.raw('rollback to savepoint unmerged');
    await refuse(trx, subject, place);
  }
  assert(current === counts.rows, 'each landed row is one current row');
  return counts;
}

async function refuse(trx: Knex, subject: string, place: StagedPlace): Promise<void> {
  const problems = await stagedProblems(trx, place);
  if (problems.length > 0) throw new InvalidInput(subject, problems);
}

async function currentRows(trx: Knex, { table, origin }: StagedPlace): Promise<string> {
  const current = await trx.raw<{ rows: { n: string }[] }>(
    `select count(*) as n from books.${table.versions}
     where sys_to = 'infinity' and source = ? and source_account = ? and source_object = ?`,
    [origin.source, origin.account, origin.object],
  );
  return current.rows[0]?.n ?? '0';
}
