import type { Knex } from 'knex';
import type { Outcome } from '../core/outcome';
import type { RenderedAlert } from '../core/run-alert';

export type RowKind = 'message' | 'reply';

export interface AlertKey {
  controlId: string;
  entityId: string;
  period: string;
}

/** The live message of a control, entity and period, as far as it is known. */
export interface AlertRow {
  id: string;
  /** Of the run last queued. */
  outcome: Outcome;
  stateSha256: string;
  /** Null until the first post is confirmed. */
  slackTs: string | null;
}

export interface NewRow {
  alertId: string;
  runId: string;
  kind: RowKind;
  body: RenderedAlert;
  bodySha256: string;
  at: string;
}

/** A row of the outbox as a dispatcher takes it: with its message and what is in doubt. */
export interface DueRow extends AlertKey {
  id: string;
  alertId: string;
  kind: RowKind;
  dedupKey: string;
  body: RenderedAlert;
  bodySha256: string;
  attempts: number;
  firstAttemptAt: string | null;
  /** The live message, if any, and the channel it is in. */
  channel: string | null;
  slackTs: string | null;
  /** Since when this may be in the channel already, unconfirmed; null when it cannot be. */
  doubtedSince: string | null;
}

export interface Lease {
  token: string;
  until: string;
}

/** Where a row ends after an attempt; `pending` and `uncertain` are tried again at `notBefore`. */
export interface Settlement {
  state: 'pending' | 'uncertain' | 'sent' | 'superseded' | 'dead';
  notBefore: string;
  lastError: string | null;
  at: string;
}

const UNSETTLED = `('pending', 'sending', 'uncertain')`;

/** ISO 8601 text of an instant, whatever the session's style. */
const iso = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Keeps tieout.alerts, alert_outbox and alert_channels true. Locks always go alerts → outbox. */
export class AlertsStore {
  async lockAlert(trx: Knex.Transaction, key: AlertKey): Promise<AlertRow | null> {
    const { rows } = await trx.raw<{ rows: AlertRow[] }>(
      `select id, outcome, state_sha256 as "stateSha256", slack_ts as "slackTs"
       from tieout.alerts
       where control_id = :controlId and entity_id = :entityId and period = :period
       for update`,
      { ...key },
    );
    return rows[0] ?? null;
  }

  /** The new row, or null when another transaction inserted it first. */
  async insertAlert(
    trx: Knex.Transaction,
    key: AlertKey,
    state: { outcome: Outcome; stateSha256: string; at: string },
  ): Promise<AlertRow | null> {
    const { rows } = await trx.raw<{ rows: AlertRow[] }>(
      `insert into tieout.alerts (control_id, entity_id, period, outcome, state_sha256, created_at)
       values (:controlId, :entityId, :period, :outcome, :stateSha256, :at)
       on conflict on constraint alerts_one_per_control_entity_period do nothing
       returning id, outcome, state_sha256 as "stateSha256", slack_ts as "slackTs"`,
      { ...key, ...state },
    );
    return rows[0] ?? null;
  }

  async updateState(
    trx: Knex.Transaction,
    alertId: string,
    state: { outcome: Outcome; stateSha256: string },
  ): Promise<void> {
    await trx.raw(
      `update tieout.alerts set outcome = :outcome, state_sha256 = :stateSha256
       where id = :alertId`,
      { alertId, ...state },
    );
  }

  /** Older intents that no dispatcher holds give way; one that may be in flight does not. */
  async supersedePending(
    trx: Knex.Transaction,
    alertId: string,
    kinds: readonly RowKind[],
    at: string,
  ): Promise<void> {
    await trx.raw(
      `update tieout.alert_outbox set state = 'superseded', settled_at = :at
       where alert_id = :alertId and state = 'pending' and kind = any (:kinds)`,
      { alertId, kinds: [...kinds], at },
    );
  }

  async insertRow(trx: Knex.Transaction, row: NewRow): Promise<void> {
    await trx.raw(
      `insert into tieout.alert_outbox
         (alert_id, run_id, kind, dedup_key, body, body_sha256, state, not_before, queued_at)
       values (:alertId, :runId, :kind, :dedupKey, :body, :bodySha256, 'pending', :at, :at)`,
      {
        ...row,
        dedupKey: `${row.alertId}:${row.runId}:${row.kind}`,
        body: JSON.stringify(row.body),
      },
    );
  }

  /**
   * Locks the oldest row that may be sent to a channel now. Of one message only the oldest
   * unsettled row is eligible; a reply waits until its message is in that channel.
   */
  async lockDueRow(
    trx: Knex.Transaction,
    channel: string,
    now: string,
  ): Promise<DueRow | undefined> {
    const { rows } = await trx.raw<{ rows: DueRow[] }>(
      `select o.id::text as id, o.alert_id as "alertId", o.kind, o.dedup_key as "dedupKey", o.body,
         o.body_sha256 as "bodySha256", o.attempts,
         ${iso('o.first_attempt_at')} as "firstAttemptAt",
         a.control_id as "controlId", a.entity_id as "entityId", a.period, a.channel,
         a.slack_ts as "slackTs",
         case when o.kind = 'message' then ${iso('a.unconfirmed_since')}
              when o.state <> 'pending' then ${iso('o.queued_at')} end as "doubtedSince"
       from tieout.alert_outbox o join tieout.alerts a on a.id = o.alert_id
       where ((o.state in ('pending', 'uncertain') and o.not_before <= :now)
           or (o.state = 'sending' and o.lease_until <= :now))
         and (o.kind = 'message' or a.channel = :channel)
         and not exists (
           select from tieout.alert_outbox p
           where p.alert_id = o.alert_id and p.id < o.id and p.state in ${UNSETTLED})
       order by o.id limit 1
       for update of o, a skip locked`,
      { channel, now },
    );
    return rows[0];
  }

  /** True when the channel is now ours until the lease ends. */
  async leaseChannel(
    trx: Knex.Transaction,
    channel: string,
    lease: Lease,
    now: string,
  ): Promise<boolean> {
    const { rowCount } = await trx.raw<{ rowCount: number }>(
      `update tieout.alert_channels set lease_token = :token, lease_until = :until
       where channel = :channel and not_before <= :now
         and (lease_until is null or lease_until <= :now)`,
      { channel, ...lease, now },
    );
    return rowCount === 1;
  }

  async ensureChannel(app: Knex, channel: string, now: string): Promise<void> {
    await app.raw(
      `insert into tieout.alert_channels (channel, not_before) values (:channel, :now)
       on conflict (channel) do nothing`,
      { channel, now },
    );
  }

  /** When the channel may be written to again, and whether a dispatcher holds it now. */
  async channelState(
    trx: Knex.Transaction,
    channel: string,
    now: string,
  ): Promise<{ notBefore: string; held: boolean } | undefined> {
    const { rows } = await trx.raw<{ rows: { notBefore: string; held: boolean }[] }>(
      `select ${iso('not_before')} as "notBefore", coalesce(lease_until > :now, false) as held
       from tieout.alert_channels where channel = :channel`,
      { channel, now },
    );
    return rows[0];
  }

  /** From here on the message may be delivered although nobody can tell. */
  async startAttempt(trx: Knex.Transaction, row: DueRow, lease: Lease, now: string): Promise<void> {
    if (row.kind === 'message')
      await trx.raw(
        `update tieout.alerts set unconfirmed_since = coalesce(unconfirmed_since, :now)
         where id = :alertId`,
        { alertId: row.alertId, now },
      );
    await trx.raw(
      `update tieout.alert_outbox
       set state = 'sending', attempts = attempts + 1, lease_token = :token, lease_until = :until,
         first_attempt_at = coalesce(first_attempt_at, :now)
       where id = :id`,
      { id: row.id, ...lease, now },
    );
  }

  /** Locks the message first, so that locks keep their order; false when the lease was lost. */
  async lockLeased(trx: Knex.Transaction, row: DueRow, token: string): Promise<boolean> {
    await trx.raw('select from tieout.alerts where id = :alertId for update', {
      alertId: row.alertId,
    });
    const { rows } = await trx.raw<{ rows: object[] }>(
      'select from tieout.alert_outbox where id = :id and lease_token = :token for update',
      { id: row.id, token },
    );
    return rows.length === 1;
  }

  async updateMessage(
    trx: Knex.Transaction,
    alertId: string,
    message: { channel: string | null; slackTs: string | null; doubtedSince: string | null },
  ): Promise<void> {
    await trx.raw(
      `update tieout.alerts
       set channel = :channel, slack_ts = :slackTs, unconfirmed_since = :doubtedSince
       where id = :alertId`,
      { alertId, ...message },
    );
  }

  async settleRow(trx: Knex.Transaction, id: string, to: Settlement): Promise<void> {
    const final = to.state === 'pending' || to.state === 'uncertain' ? null : to.at;
    await trx.raw(
      `update tieout.alert_outbox
       set state = :state, not_before = :notBefore, last_error = :lastError, settled_at = :final,
         lease_token = null, lease_until = null
       where id = :id`,
      { id, state: to.state, notBefore: to.notBefore, lastError: to.lastError, final },
    );
  }

  async releaseChannel(
    trx: Knex.Transaction,
    channel: string,
    token: string,
    notBefore: string,
  ): Promise<void> {
    await trx.raw(
      `update tieout.alert_channels
       set lease_token = null, lease_until = null, not_before = greatest(not_before, :notBefore)
       where channel = :channel and lease_token = :token`,
      { channel, token, notBefore },
    );
  }

  async countUnsettled(app: Knex): Promise<number> {
    const { rows } = await app.raw<{ rows: { count: number }[] }>(
      `select count(*)::int as count from tieout.alert_outbox where state in ${UNSETTLED}`,
    );
    return rows[0]?.count ?? 0;
  }

  /** Gives the newest state of every message another chance, and returns how many rows. */
  async reviveDead(app: Knex, now: string): Promise<number> {
    const { rowCount } = await app.raw<{ rowCount: number }>(
      `update tieout.alert_outbox o
       set state = 'uncertain', attempts = 0, first_attempt_at = null, settled_at = null,
         not_before = :now
       where o.state = 'dead' and not exists (
         select from tieout.alert_outbox n
         where n.alert_id = o.alert_id and n.id > o.id and n.kind = 'message')`,
      { now },
    );
    return rowCount;
  }
}
