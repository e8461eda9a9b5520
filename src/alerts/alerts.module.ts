import { Module, type DynamicModule } from '@nestjs/common';
import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { AlertDispatcher } from './alert-dispatcher';
import { AlertOutbox } from './alert-outbox';
import { AlertSchedule } from './alert-schedule';
import { slackChannelOf } from './slack-channel';

/** What the alerts need from the platform. */
export interface AlertsParts {
  app: Knex;
  config: Pick<Config, 'slack'>;
  clock: Clock;
  logger: Logger;
}

/** The same two, for a command that runs without Nest. */
export function createAlerts(parts: AlertsParts): {
  outbox: AlertOutbox;
  dispatcher: AlertDispatcher;
} {
  const channel = slackChannelOf(parts.config.slack);
  return {
    outbox: new AlertOutbox(parts.clock),
    dispatcher: new AlertDispatcher(parts.app, channel, parts.clock, parts.logger),
  };
}

@Module({})
export class AlertsModule {
  /** Needs ScheduleModule.forRoot() in the application for the dispatcher to be woken. */
  static with(parts: AlertsParts): DynamicModule {
    const { outbox, dispatcher } = createAlerts(parts);
    return {
      module: AlertsModule,
      providers: [
        { provide: AlertOutbox, useValue: outbox },
        { provide: AlertDispatcher, useValue: dispatcher },
        AlertSchedule,
      ],
      exports: [AlertOutbox, AlertDispatcher],
    };
  }
}
