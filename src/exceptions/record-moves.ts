import type { Knex } from 'knex';
import { recordChanges, type Actor } from '../access/audit-trail';
import type { Json } from '../core/canonical-json';
import { MovesStore, type LockedException, type Workable } from './moves.store';

/** What happens to one exception, and what it is afterwards. */
export interface ExceptionMoved {
  row: LockedException;
  kind: string;
  after: Workable;
  reason: string | null;
  /** For its history. */
  details: Record<string, Json> | null;
  /** For the audit trail. */
  facts: Record<string, Json>;
}

const store = new MovesStore();

/** Writes moves into the trail, the history and the exceptions; the caller owns the transaction. */
export async function recordMoves(
  trx: Knex.Transaction,
  moved: readonly ExceptionMoved[],
  { actor, at }: { actor: Actor; at: string },
): Promise<void> {
  if (moved.length === 0) return;
  const changes = await recordChanges(
    trx,
    moved.map(({ row, kind, reason, facts }) => ({
      ...{ at, actor, reason, facts, action: `exceptions.${kind}` },
      subject: { kind: 'exception', id: row.id },
      ...{ control: row.control, entity: row.entity, period: row.period },
    })),
  );
  const events = await store.insertEvents(
    trx,
    moved.map(({ row, kind, after, reason, details }, index) => ({
      ...{ exceptionId: row.id, kind, at, from: row.state, to: after.state, reason, details },
      ...{ personId: actor.personId, actor: actor.name, auditEvent: changes[index] ?? '' },
    })),
  );
  await store.update(
    trx,
    moved.map(({ row, after }) => ({
      ...after,
      id: row.id,
      last_event: events.get(row.id) ?? '',
    })),
  );
}
