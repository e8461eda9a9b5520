import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { AuditController } from './audit.controller';
import { AuditQueries } from './audit.queries';
import { AccessGuard } from './access.guard';
import { CallerFinder } from './caller-finder';
import { IdentityProvider } from './identity-provider';
import { IdentitySignIn } from './identity-sign-in';
import { readsAreOpen } from './loopback';
import { OIDC_PARTS, OidcController, type OidcParts } from './oidc.controller';
import { OwnTokens } from './own-tokens';
import { OwnTokensController } from './own-tokens.controller';
import { PeopleController } from './people.controller';
import { PeopleExportController } from './people-export.controller';
import { PeopleDesk } from './people-desk';
import { PeopleQueries } from './people.queries';
import { SessionCookie } from './session-cookie';
import { ACCESS_SETTINGS, SessionController, type AccessSettings } from './session.controller';
import { SessionDesk } from './session-desk';
import { SessionsController } from './sessions.controller';
import { SessionsStore } from './sessions.store';
import { SignIn, type SessionLimits } from './sign-in';
import { TokensStore } from './tokens.store';

export interface AccessParts {
  app: Knex;
  config: Pick<Config, 'server' | 'access' | 'entities'>;
  clock: Clock;
  logger: Logger;
}

/** How long sessions last, in the words of SignIn. */
export const sessionLimits = ({ access }: Pick<Config, 'access'>): SessionLimits => ({
  idleMinutes: access.session.idle_minutes,
  absoluteHours: access.session.absolute_hours,
});

/** People, sessions, tokens, and the guard in front of every route. */
@Module({})
export class AccessModule {
  static with(parts: AccessParts): DynamicModule {
    const { app, config, clock } = parts;
    const publicUrl = config.server.public_url;
    const limits = sessionLimits(config);
    const secure = publicUrl?.startsWith('https:') ?? false;
    const cookie = new SessionCookie(secure);
    const signing = new SignIn(app, clock, limits);
    const oidc = oidcParts(parts, signing, secure);
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
      endSessionUrl: async () => (await oidc.provider?.at.endSessionUrl()) ?? null,
    };
    return {
      module: AccessModule,
      controllers: [
        OidcController,
        SessionController,
        OwnTokensController,
        SessionsController,
        PeopleExportController,
        PeopleController,
        AuditController,
      ],
      providers: [
        { provide: APP_GUARD, useValue: new AccessGuard(finder, publicUrl, parts.logger) },
        { provide: CallerFinder, useValue: finder },
        { provide: SessionCookie, useValue: cookie },
        { provide: SignIn, useValue: signing },
        { provide: OIDC_PARTS, useValue: oidc },
        {
          provide: SessionDesk,
          useValue: new SessionDesk(app, clock, limits.idleMinutes * 60_000),
        },
        { provide: PeopleDesk, useValue: new PeopleDesk(app, clock, config.entities) },
        { provide: OwnTokens, useValue: new OwnTokens(app, clock, config.entities) },
        { provide: AuditQueries, useValue: new AuditQueries(app) },
        { provide: PeopleQueries, useValue: new PeopleQueries(app) },
        { provide: ACCESS_SETTINGS, useValue: settings },
      ],
      exports: [CallerFinder],
    };
  }
}

function oidcParts(
  { app, config, clock, logger }: AccessParts,
  signing: SignIn,
  secure: boolean,
): OidcParts {
  const cookie = new SessionCookie(secure, 'tieout-sign-in');
  const { oidc } = config.access;
  const { public_url: publicUrl } = config.server;
  if (oidc === undefined || publicUrl === undefined)
    return { provider: null, cookie, clock, logger };
  const at = new IdentityProvider(oidc, publicUrl);
  const provider = {
    name: oidc.name,
    at,
    signing: new IdentitySignIn({ app, clock, signing }, oidc),
  };
  return { provider, cookie, clock, logger };
}
