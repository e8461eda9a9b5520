import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import type { Logger } from '../platform/logger';
import { DeliveryFailure, type AlertChannel, type ChannelMessage } from './alert-channel';
import { AlertsStore, type DueRow, type Lease, type Settlement } from './alerts.store';

export interface DispatchResult {
  /** Rows delivered, and rows given up, by this call; rows still to be delivered after it. */
  sent: number;
  failed: number;
  waiting: number;
}

export interface DispatchOptions {
  /** Rest between two messages to the channel: Slack takes about one a second. */
  paceMs?: number;
}

const PACE_MS = 1_100;
/** Longer than one attempt can take: an edit, four pages of history and a post, 10 s each. */
const LEASE_MS = 75_000;
/** One call delivers or rests at most this often; the next call goes on. */
const MAX_TURNS_PER_CALL = 1_000;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_MAX_MS = 15 * 60_000;
/** A request that got no answer may still arrive; only after this is it looked for. */
const DOUBT_MS = 5_000;
const GIVE_UP_MS = 24 * 3_600_000;

/** One attempt: what is known of the message while it goes on. */
interface Attempt {
  row: DueRow;
  lease: Lease;
  /** Of the live message in this channel, as far as known. */
  ts: string | null;
  /** Since when a delivery is unconfirmed; null when there is none. */
  doubtedSince: string | null;
  startedAt: string;
}

type Claim = { attempt: Attempt } | { restMs: number } | 'idle';

/** The sending end of the outbox. Any number, in any number of processes, may run at once. */
export class AlertDispatcher {
  private readonly store = new AlertsStore();
  private readonly paceMs: number;
  private readonly logged = new Set<string>();
  private revived = false;

  /** Without a channel everything stays queued. */
  constructor(
    private readonly app: Knex,
    private readonly channel: AlertChannel | null,
    private readonly clock: Clock,
    private readonly logger: Logger,
    options: DispatchOptions = {},
  ) {
    this.paceMs = options.paceMs ?? PACE_MS;
  }

  /**
   * Delivers what is due, resting between messages, and returns when nothing is due any more, the
   * channel must rest for longer, or `signal` is raised. Never throws for what Slack does.
   */
  async dispatchDue(signal?: AbortSignal): Promise<DispatchResult> {
    const counts = { sent: 0, failed: 0 };
    if (this.channel !== null) await this.deliverDue(this.channel, counts, signal);
    const waiting = await this.store.countUnsettled(this.app);
    if (this.channel === null && waiting > 0)
      this.logOnce('not_configured', () =>
        this.logger.warn('alerts stay queued: slack is not configured', {
          waiting,
          remedy: 'Set slack.channel and slack.token in tieout.yaml.',
        }),
      );
    return { ...counts, waiting };
  }

  private async deliverDue(
    channel: AlertChannel,
    counts: { sent: number; failed: number },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.prepare(channel);
    for (let turn = 0; turn < MAX_TURNS_PER_CALL && !signal?.aborted; turn += 1) {
      const claim = await this.claim(channel);
      if (claim === 'idle') return;
      if ('restMs' in claim) {
        await wait(claim.restMs, undefined, { signal }).catch(ignoreAbort);
        continue;
      }
      const state = await this.perform(channel, claim.attempt);
      if (state === 'sent') counts.sent += 1;
      if (state === 'dead') counts.failed += 1;
    }
  }

  /** At its first call, what was given up is tried anew: the configuration may be right by now. */
  private async prepare(channel: AlertChannel): Promise<void> {
    await this.store.ensureChannel(this.app, channel.id, this.clock.now());
    if (this.revived) return;
    const rows = await this.store.reviveDead(this.app, this.clock.now());
    this.revived = true;
    if (rows > 0) this.logger.info('alerts given up before are tried again', { rows });
  }

  private async claim(channel: AlertChannel): Promise<Claim> {
    const now = this.clock.now();
    const lease = { token: randomUUID(), until: later(now, LEASE_MS) };
    return this.app.transaction(async (trx): Promise<Claim> => {
      const row = await this.store.lockDueRow(trx, channel.id, now);
      if (row === undefined) return 'idle';
      if (!(await this.store.leaseChannel(trx, channel.id, lease, now))) {
        const state = await this.store.channelState(trx, channel.id, now);
        const restMs = Date.parse(state?.notBefore ?? now) - Date.parse(now);
        return state?.held || restMs > this.paceMs ? 'idle' : { restMs: Math.max(restMs, 1) };
      }
      await this.store.startAttempt(trx, row, lease, now);
      const ts = row.channel === channel.id ? row.slackTs : null;
      return { attempt: { row, lease, ts, doubtedSince: row.doubtedSince, startedAt: now } };
    });
  }

  private async perform(
    channel: AlertChannel,
    attempt: Attempt,
  ): Promise<Settlement['state'] | 'lost'> {
    let failure: DeliveryFailure | null = null;
    try {
      await (attempt.row.kind === 'message' ? showMessage : postReply)(channel, attempt);
    } catch (error) {
      if (!(error instanceof DeliveryFailure)) throw error;
      failure = error;
      if (failure.kind === 'ambiguous') attempt.doubtedSince ??= attempt.startedAt;
    }
    const settlement = this.settlementOf(attempt, failure);
    const restMs = failure?.kind === 'rate_limited' ? failure.retryAfterS * 1000 : this.paceMs;
    const kept = await this.settle(channel, attempt, settlement, Math.max(restMs, this.paceMs));
    if (!kept) return 'lost';
    this.report(channel, attempt.row, settlement, failure);
    return settlement.state;
  }

  private settlementOf(attempt: Attempt, failure: DeliveryFailure | null): Settlement {
    const at = this.clock.now();
    const { row } = attempt;
    if (failure === null) return { state: 'sent', notBefore: at, lastError: null, at };
    const lastError = failure.code;
    if (failure.kind === 'gone' && row.kind === 'reply')
      return { state: 'superseded', notBefore: at, lastError, at };
    const since = Date.parse(row.firstAttemptAt ?? attempt.startedAt);
    const expired = Date.parse(at) - since >= GIVE_UP_MS;
    if (failure.kind === 'permanent' || (expired && failure.kind !== 'rate_limited'))
      return { state: 'dead', notBefore: at, lastError, at };
    const state = attempt.doubtedSince === null ? 'pending' : 'uncertain';
    const delayMs =
      failure.kind === 'rate_limited' ? 0 : backoffMs(row.attempts, failure.kind === 'ambiguous');
    return { state, notBefore: later(at, delayMs), lastError, at };
  }

  /** False when the lease ran out and another dispatcher took over: what it finds out counts. */
  private async settle(
    channel: AlertChannel,
    attempt: Attempt,
    settlement: Settlement,
    restMs: number,
  ): Promise<boolean> {
    const { row, lease } = attempt;
    return this.app.transaction(async (trx) => {
      if (!(await this.store.lockLeased(trx, row, lease.token))) return false;
      if (row.kind === 'message')
        await this.store.updateMessage(trx, row.alertId, {
          channel: attempt.ts === null ? null : channel.id,
          slackTs: attempt.ts,
          doubtedSince: attempt.doubtedSince,
        });
      await this.store.settleRow(trx, row.id, settlement);
      await this.store.releaseChannel(trx, channel.id, lease.token, later(settlement.at, restMs));
      return true;
    });
  }

  private report(
    channel: AlertChannel,
    row: DueRow,
    settlement: Settlement,
    failure: DeliveryFailure | null,
  ): void {
    const facts = {
      channel: channel.id,
      controlId: row.controlId,
      entityId: row.entityId,
      period: row.period,
      kind: row.kind,
    };
    if (failure === null) {
      this.logged.clear();
      this.logger.info('alert delivered', facts);
    } else if (settlement.state === 'dead') {
      const remedy = failure.remedy || 'Make Slack reachable from this machine, then restart.';
      this.logOnce(failure.code, () =>
        this.logger.error('alerts cannot be delivered', { ...facts, code: failure.code, remedy }),
      );
    } else {
      const { notBefore } = settlement;
      this.logger.warn('alert not delivered yet', { ...facts, code: failure.code, notBefore });
    }
  }

  private logOnce(code: string, log: () => void): void {
    if (this.logged.has(code)) return;
    this.logged.add(code);
    log();
  }
}

/** Brings the live message to the row's content: edits it, finds it, or posts it. */
async function showMessage(channel: AlertChannel, attempt: Attempt): Promise<void> {
  const message = messageOf(attempt.row);
  if (attempt.ts !== null) {
    if (await editIfThere(channel, attempt.ts, message)) {
      attempt.doubtedSince = null;
      return;
    }
    attempt.ts = null;
  }
  if (attempt.doubtedSince !== null) {
    const found = await channel.find(message.dedupKey, attempt.doubtedSince, null);
    attempt.doubtedSince = null;
    if (found !== null) {
      attempt.ts = found.ts;
      if (found.bodySha256 !== message.bodySha256) await channel.update(found.ts, message);
      return;
    }
  }
  attempt.ts = (await channel.post(message, null)).ts;
}

async function postReply(channel: AlertChannel, attempt: Attempt): Promise<void> {
  const message = messageOf(attempt.row);
  if (attempt.doubtedSince !== null) {
    const found = await channel.find(message.dedupKey, attempt.doubtedSince, attempt.ts);
    attempt.doubtedSince = null;
    if (found !== null) return;
  }
  await channel.post(message, attempt.ts);
}

/** The live message carries its own identity; a reply that of its row. */
function messageOf(row: DueRow): ChannelMessage {
  const dedupKey = row.kind === 'message' ? row.alertId : row.dedupKey;
  return { ...row.body, dedupKey, bodySha256: row.bodySha256 };
}

/** False when somebody deleted the message, or it can be changed no more. */
async function editIfThere(
  channel: AlertChannel,
  ts: string,
  message: ChannelMessage,
): Promise<boolean> {
  try {
    await channel.update(ts, message);
    return true;
  } catch (error) {
    if (error instanceof DeliveryFailure && error.kind === 'gone') return false;
    throw error;
  }
}

/** Doubles per attempt, with half of it random so that dispatchers do not march in step. */
function backoffMs(attempts: number, inDoubt: boolean): number {
  const full = Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(attempts, 20), BACKOFF_MAX_MS);
  const delayMs = full / 2 + randomInt(full / 2 + 1);
  return inDoubt ? Math.max(delayMs, DOUBT_MS) : delayMs;
}

const later = (instant: string, ms: number): string =>
  new Date(Date.parse(instant) + ms).toISOString();

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
