import type { Knex } from 'knex';
import { canonicalJson, sha256Hex, type Json } from '../core/canonical-json';
import {
  alertStateSha256,
  renderAlert,
  renderTransition,
  type RenderedAlert,
  type RunAlert,
} from '../core/run-alert';
import type { Clock } from '../platform/clock';
import { AlertsStore, type AlertKey, type AlertRow, type RowKind } from './alerts.store';

/** What became of an alert: queued, or why not. */
export type Enqueued = 'queued' | 'unchanged' | 'nothing_to_say';

/** The writing end of the outbox: what a run has to say commits, or not, together with the run. */
export class AlertOutbox {
  private readonly store = new AlertsStore();

  constructor(private readonly clock: Clock) {}

  /**
   * Queues what a finished run has to say, in the caller's transaction. Nothing when the message
   * shows this state already, nor when a run passed about which nothing was ever said. Older
   * intents not yet sent give way to this one.
   */
  async enqueue(trx: Knex.Transaction, alert: RunAlert): Promise<Enqueued> {
    const at = this.clock.now();
    const key = { controlId: alert.control.id, entityId: alert.entity.id, period: alert.period };
    const state = { outcome: alert.outcome, stateSha256: alertStateSha256(alert) };
    const previous = await this.previousState(trx, key, alert, { ...state, at });
    if (previous === null) return 'nothing_to_say';
    if (!previous.isNew) {
      const changes = alert.fresh + alert.reopened + alert.cleared;
      if (previous.row.stateSha256 === state.stateSha256 && changes === 0) return 'unchanged';
      await this.store.updateState(trx, previous.row.id, state);
    }
    const rows = rowsFor(alert, previous.row);
    const alertId = previous.row.id;
    await this.store.supersedePending(trx, alertId, [...rows.keys()], at);
    for (const [kind, body] of rows) {
      const bodySha256 = bodyHash(body);
      await this.store.insertRow(trx, { alertId, runId: alert.runId, kind, body, bodySha256, at });
    }
    return 'queued';
  }

  private async previousState(
    trx: Knex.Transaction,
    key: AlertKey,
    alert: RunAlert,
    state: Parameters<AlertsStore['insertAlert']>[2],
  ): Promise<{ row: AlertRow; isNew: boolean } | null> {
    const known = await this.store.lockAlert(trx, key);
    if (known !== null) return { row: known, isNew: false };
    if (alert.outcome === 'passed') return null;
    const inserted = await this.store.insertAlert(trx, key, state);
    if (inserted !== null) return { row: inserted, isNew: true };
    const other = await this.store.lockAlert(trx, key);
    if (other === null) throw new Error('the alert vanished between insert and select');
    return { row: other, isNew: false };
  }
}

/** The message, and below it a reply where people would miss the turn; only once it was posted. */
function rowsFor(alert: RunAlert, previous: AlertRow): Map<RowKind, RenderedAlert> {
  const rows = new Map<RowKind, RenderedAlert>([['message', renderAlert(alert)]]);
  const turn = previous.slackTs === null ? null : renderTransition(alert, previous.outcome);
  if (turn !== null)
    rows.set('reply', {
      text: turn,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: turn, verbatim: true } }],
    });
  return rows;
}

const bodyHash = (body: RenderedAlert): string =>
  sha256Hex(canonicalJson({ text: body.text, blocks: body.blocks as unknown as Json[] }));
