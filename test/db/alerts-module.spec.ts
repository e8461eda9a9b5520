import 'reflect-metadata';
import { PassThrough } from 'node:stream';
import { NestFactory } from '@nestjs/core';
import { AlertDispatcher } from '../../src/alerts/alert-dispatcher';
import { AlertOutbox } from '../../src/alerts/alert-outbox';
import { AlertSchedule } from '../../src/alerts/alert-schedule';
import { AlertsModule } from '../../src/alerts/alerts.module';
import { createLogger } from '../../src/platform/logger';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { anAlert, channel, openAlertBench, token, type AlertBench } from '../support/slack';

let database: TestDatabase;
let bench: AlertBench;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  bench = await openAlertBench(database);
});
afterEach(() => bench.slack.stop());

test('the module gives the outbox to runs and a dispatcher that a schedule wakes', async () => {
  const { app, clock, slack } = bench;
  const logger = createLogger({ level: 'error', stream: new PassThrough() });
  const config = { slack: { channel, token, api_url: slack.apiUrl } };
  const alerts = AlertsModule.with({ app, config, clock, logger });
  const context = await NestFactory.createApplicationContext(alerts, { logger: false });
  expect(context.get(AlertDispatcher)).toBeInstanceOf(AlertDispatcher);
  await app.transaction((trx) => context.get(AlertOutbox).enqueue(trx, anAlert()));
  await context.get(AlertSchedule).wake();
  expect(bench.causes()).toEqual(['Acme has no order.']);

  slack.slowNext(1, 100);
  await bench.enqueue(anAlert({ period: '2026-11' }));
  const waking = context.get(AlertSchedule).wake();
  await context.close();
  await waking;
  expect(await bench.states()).toEqual(expect.not.arrayContaining(['sending']));
});
