import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { Knex } from 'knex';
import { AlertDispatcher, type DispatchOptions } from '../../src/alerts/alert-dispatcher';
import { AlertOutbox, type Enqueued } from '../../src/alerts/alert-outbox';
import { SlackChannel } from '../../src/alerts/slack-channel';
import type { RunAlert } from '../../src/core/run-alert';
import type { Clock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { startSlackStandIn, type SlackStandIn } from '../../src/sandbox/slack/slack-stand-in';
import type { TestDatabase } from './database';

export const channel = 'C0CONTROLS1';
export const elsewhere = 'C0CONTROLS2';
export const token = 'xoxb-stand-in';

/** A clock that a test moves; the stand-in stamps its messages by it too. */
export class SteeredClock implements Clock {
  constructor(private instant: string) {}
  now(): string {
    return this.instant;
  }
  advance(seconds: number): void {
    this.instant = new Date(Date.parse(this.instant) + seconds * 1000).toISOString();
  }
}

/** What a dispatcher of a bench may have in place of the usual. */
type DispatcherOptions = { to?: SlackChannel | null; clock?: Clock } & DispatchOptions;

/** The outbox in a real database, and a Slack to deliver to. */
export class AlertBench {
  readonly app: Knex;
  readonly outbox: AlertOutbox;
  /** Every line that dispatchers of this bench logged. */
  readonly log: Record<string, unknown>[] = [];

  constructor(
    database: TestDatabase,
    readonly slack: SlackStandIn,
    readonly clock: SteeredClock,
  ) {
    this.app = database.app;
    this.outbox = new AlertOutbox(clock);
  }

  aChannel(over: { token?: string; channel?: string } = {}): SlackChannel {
    return new SlackChannel({ token, channel, apiUrl: this.slack.apiUrl, ...over });
  }

  aDispatcher(over: DispatcherOptions = {}): AlertDispatcher {
    const stream = new PassThrough();
    stream.on('data', (line: Buffer) =>
      this.log.push(JSON.parse(line.toString()) as Record<string, unknown>),
    );
    const logger = createLogger({ level: 'info', stream });
    const to = over.to === undefined ? this.aChannel() : over.to;
    const paceMs = over.paceMs ?? 0;
    return new AlertDispatcher(this.app, to, over.clock ?? this.clock, logger, { paceMs });
  }

  enqueue(alert: RunAlert): Promise<Enqueued> {
    return this.app.transaction((trx) => this.outbox.enqueue(trx, alert));
  }

  /** First lines of the messages in a channel, oldest first. */
  causes(of = channel): (string | undefined)[] {
    return this.slack.messages(of).map(({ text }) => text.split('\n')[0]);
  }

  async states(): Promise<string[]> {
    const rows = this.app('tieout.alert_outbox').orderBy('id');
    return (await rows.select<{ state: string }[]>('state')).map(({ state }) => state);
  }

  errors(): unknown[] {
    return this.log.filter(({ level }) => level === 'error');
  }
}

/** Empties the outbox of a database and starts a Slack; the caller stops `slack`. */
export async function openAlertBench(database: TestDatabase): Promise<AlertBench> {
  const owner = await database.owner();
  await owner.query('truncate tieout.alert_outbox, tieout.alerts, tieout.alert_channels');
  await owner.end();
  const clock = new SteeredClock('2026-11-02T08:00:00.000Z');
  const channels = [
    { id: channel, name: 'controls' },
    { id: elsewhere, name: 'other' },
  ];
  return new AlertBench(database, await startSlackStandIn({ token, channels, clock }), clock);
}

export const missing = (name: string): RunAlert['top'][number] => ({
  code: 'BK01-NO_ORDER',
  explanation: `${name} has no order.`,
  impact: '10',
  currency: 'EUR',
  severity: 'high',
});

/** A run with the exceptions in `top`, or one: Acme's. */
export function anAlert(over: Partial<RunAlert> = {}): RunAlert {
  const top = over.top ?? [missing('Acme')];
  return {
    control: { id: 'BK-01', title: 'Every won deal becomes an order', owner: 'deal-desk' },
    entity: { id: 'acme-ie', name: 'Acme Ireland' },
    period: '2026-10',
    runId: randomUUID(),
    seq: 1,
    outcome: 'exceptions',
    asOf: '2026-11-02',
    reason: null,
    totals: [{ currency: 'EUR', exceptions: top.length, impact: '10' }],
    open: top.length,
    fresh: 0,
    reopened: 0,
    cleared: 0,
    top,
    link: null,
    ...over,
  };
}

export const allClear = (cleared = 1): RunAlert =>
  anAlert({ outcome: 'passed', totals: [], open: 0, top: [], cleared });
