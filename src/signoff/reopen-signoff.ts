import type { Knex } from 'knex';
import { recordChange } from '../access/audit-trail';
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
  const event = await recordChange(trx, {
    at: run.at,
    actor: { name: `run:${run.id}`, personId: null, via: 'run' },
    action: 'signoff.reopened',
    subject: { kind: 'run', id: run.id },
    ...scope,
    reason,
    facts: { signed_run: signedRun },
  });
  const step = { step: 'reopened', run: run.id, personId: null, at: run.at } as const;
  await store.insert(trx, { ...scope, ...step, reason, event });
  return reason;
}
