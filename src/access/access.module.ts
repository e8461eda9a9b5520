import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import type { Config } from '../platform/config';
import { AuditController } from './audit.controller';
import { AuditQueries } from './audit.queries';
import { AccessGuard } from './access.guard';
import { CallerFinder } from './caller-finder';
import { readsAreOpen } from './loopback';
import { PeopleController } from './people.controller';
import { PeopleDesk } from './people-desk';
import { PeopleQueries } from './people.queries';
import { SessionCookie } from './session-cookie';
import { ACCESS_SETTINGS, SessionController, type AccessSettings } from './session.controller';
import { SessionsStore } from './sessions.store';
import { SignIn, type SessionLimits } from './sign-in';
import { TokensStore } from './tokens.store';

export interface AccessParts {
  app: Knex;
  config: Pick<Config, 'server' | 'access' | 'entities'>;
  clock: Clock;
}

/** How long sessions last, in the words of SignIn. */
export const sessionLimits = ({ access }: Pick<Config, 'access'>): SessionLimits => ({
  idleMinutes: access.session.idle_minutes,
  absoluteHours: access.session.absolute_hours,
});

/** People, sessions, tokens, and the guard in front of every route. */
@Module({})
export class AccessModule {
  static with({ app, config, clock }: AccessParts): DynamicModule {
    const publicUrl = config.server.public_url;
    const limits = sessionLimits(config);
    const cookie = new SessionCookie(publicUrl?.startsWith('https:') ?? false);
    const finder = new CallerFinder({
      tokens: new TokensStore(app),
      sessions: new SessionsStore(app),
      clock,
      cookie,
      idleMs: limits.idleMinutes * 60_000,
      readsAreOpen: readsAreOpen(config.server),
    });
    const settings: AccessSettings = {
      entities: config.entities,
      idleMinutes: limits.idleMinutes,
    };
    return {
      module: AccessModule,
      controllers: [SessionController, PeopleController, AuditController],
      providers: [
        { provide: APP_GUARD, useValue: new AccessGuard(finder, publicUrl) },
        { provide: SessionCookie, useValue: cookie },
        { provide: SignIn, useValue: new SignIn(app, clock, limits) },
        { provide: PeopleDesk, useValue: new PeopleDesk(app, clock, config.entities) },
        { provide: AuditQueries, useValue: new AuditQueries(app) },
        { provide: PeopleQueries, useValue: new PeopleQueries(app) },
        { provide: ACCESS_SETTINGS, useValue: settings },
      ],
    };
  }
}
