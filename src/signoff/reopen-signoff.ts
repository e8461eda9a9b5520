import type { Knex } from 'knex';
import { recordChange, type Actor } from '../access/audit-trail';
import type { Json } from '../core/canonical-json';
import { differenceOf } from '../core/signoff';
import { SignoffStore, type SignoffScope } from './signoff.store';

const store = new SignoffStore();

/**
 * Ends the sign-off of a period when a run that is being recorded differs from the one that was
 * signed, and says why; gives the reason, or null where nothing was signed or nothing differs. In
 * the transaction that records the run: no moment shows a signed period over other facts.
 */
export async function reopenSignoff(
  trx: Knex.Transaction,
  scope: SignoffScope,
  run: { id: string; at: string },
): Promise<string | null> {
  await store.lock(trx, scope);
  const { state, signedRun } = await store.facts(trx, scope);
  if ((state !== 'prepared' && state !== 'reviewed') || signedRun === null) return null;
  const signed = await store.runFacts(trx, signedRun);
  const reason = differenceOf(signed, await store.runFacts(trx, run.id));
  if (reason === null) return null;
  const actor: Actor = { name: `run:${run.id}`, personId: null, via: 'run' };
  const facts = { signed_run: signedRun };
  await recordReopened(trx, scope, { run: run.id, at: run.at, reason, actor, facts });
  return reason;
}

/** Writes down that a signature ended, and why; the caller holds the lock of the scope. */
export async function recordReopened(
  trx: Knex.Transaction,
  scope: SignoffScope,
  {
    run,
    at,
    reason,
    ...change
  }: { run: string; at: string; reason: string; actor: Actor; facts: Record<string, Json> },
): Promise<void> {
  const subject = { kind: 'run', id: run };
  const action = 'signoff.reopened';
  const event = await recordChange(trx, { at, action, subject, ...scope, reason, ...change });
  await store.insert(trx, { ...scope, step: 'reopened', run, personId: null, at, reason, event });
}
