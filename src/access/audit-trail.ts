import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Json } from '../core/canonical-json';
import { evidenceLeaf } from '../core/evidence-leaf';

/** Who makes a governed change. */
export interface Actor {
  /** person:ann@example.com, token:nightly, cli:root, system. */
  name: string;
  personId: string | null;
  via: 'session' | 'token' | 'cli' | 'run' | 'system';
}

/** One governed change, as the trail keeps it. */
export interface GovernedChange {
  at: string;
  actor: Actor;
  /** exceptions.proposed, people.added: what happened, in the past tense. */
  action: string;
  subject: { kind: string; id: string };
  control?: string | null;
  entity?: string | null;
  period?: string | null;
  reason?: string | null;
  facts?: Record<string, Json>;
}

/**
 * Writes a change and its leaf of the evidence log, in the transaction that makes the change, and
 * gives its id.
 */
export async function recordChange(trx: Knex.Transaction, change: GovernedChange): Promise<string> {
  const [id] = await recordChanges(trx, [change]);
  if (id === undefined) throw new Error('a change was written and has no id');
  return id;
}

/** Several changes in their order, in two statements. */
export async function recordChanges(
  trx: Knex.Transaction,
  changes: readonly GovernedChange[],
): Promise<string[]> {
  if (changes.length === 0) return [];
  const rows = changes.map((change) => ({ id: randomUUID(), change }));
  await trx
    .withSchema('tieout')
    .insert(
      rows.map(({ id, change }) => ({
        event_id: id,
        at: change.at,
        actor: change.actor.name,
        actor_person: change.actor.personId,
        via: change.actor.via,
        action: change.action,
        subject_kind: change.subject.kind,
        subject_id: change.subject.id,
        control_id: change.control ?? null,
        entity_id: change.entity ?? null,
        period_key: change.period ?? null,
        reason: change.reason ?? null,
        facts: JSON.stringify(change.facts ?? {}),
      })),
    )
    .into('audit_events');
  await trx
    .withSchema('tieout')
    .insert(
      rows.map(({ id, change }) => {
        const leaf = evidenceLeaf(leafOf(id, change));
        return { event_id: id, body: leaf.body, leaf_sha256: leaf.leafSha256 };
      }),
    )
    .into('evidence_leaves');
  return rows.map(({ id }) => id);
}

function leafOf(id: string, change: GovernedChange): Json {
  return {
    v: 1,
    type: change.action,
    id,
    at: change.at,
    actor: { name: change.actor.name, person: change.actor.personId, via: change.actor.via },
    subject: change.subject,
    control: change.control ?? null,
    entity: change.entity ?? null,
    period: change.period ?? null,
    reason: change.reason ?? null,
    facts: change.facts ?? {},
  };
}
