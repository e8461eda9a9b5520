import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { actions, covers, reachOf } from '../core/permissions';
import {
  me,
  signedOut,
  signIn,
  type Me,
  type SignedOut,
  type SignIn as SignInBody,
} from './access.contract';
import { CallerOf, OpenToAll, RequiresIdentity, type Caller } from './caller';
import { SessionCookie } from './session-cookie';
import { SignIn } from './sign-in';

/** What the page is told of the company itself. */
export interface AccessSettings {
  entities: readonly { id: string; name: string; currency: string; time_zone: string }[];
  idleMinutes: number;
  /** Where the session at the identity provider ends; null where there is none. */
  endSessionUrl: () => Promise<string | null>;
}
export const ACCESS_SETTINGS = Symbol('AccessSettings');

@ApiTags('access')
@Controller('api/v1')
export class SessionController {
  constructor(
    @Inject(SignIn) private readonly signing: SignIn,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(ACCESS_SETTINGS) private readonly settings: AccessSettings,
  ) {}

  @Get('me')
  @RequiresIdentity()
  @ApiOperation({ summary: 'Who I am, and what I may do', operationId: 'getMe' })
  @ApiOkResponse({ standardSchema: me, description: 'The caller.' })
  me(@CallerOf() caller: Caller): Me {
    return meOf(caller, this.settings);
  }

  @Post('sign-in')
  @OpenToAll()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Exchange a one-time link for a session',
    description: 'Sets the session cookie. Links are printed by `tieout demo` and `sign-in-link`.',
    operationId: 'signIn',
  })
  @ApiNoContentResponse({ description: 'Signed in.' })
  async signIn(
    @Body({ schema: signIn }) { link }: SignInBody,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<void> {
    const replaces = this.cookie.read(request.headers.cookie);
    const device = request.headers['user-agent'];
    const { secret } = await this.signing.withLink(link, { replaces, device });
    response.setHeader('Set-Cookie', this.cookie.set(secret));
  }

  @Post('sign-out')
  @RequiresIdentity()
  @HttpCode(200)
  @ApiOperation({ summary: 'End the session', operationId: 'signOut' })
  @ApiOkResponse({
    standardSchema: signedOut,
    description: 'Signed out; the session is of no use any more.',
  })
  async signOut(
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<SignedOut> {
    await this.signing.end(caller);
    response.setHeader('Set-Cookie', this.cookie.clear());
    response.setHeader('Clear-Site-Data', '"cache", "storage"');
    const away = caller.session?.via === 'oidc' ? await this.settings.endSessionUrl() : null;
    return { end_session_url: away };
  }
}

function meOf(caller: Caller, { entities, idleMinutes }: AccessSettings): Me {
  const { kind, actor, person, session } = caller;
  const seen = reachOf(caller.holder, 'runs.read').map((part) => ({
    ...part,
    from: null,
    to: null,
  }));
  return {
    kind,
    name: person?.name ?? actor.name,
    actor: actor.name,
    person_id: person?.id ?? null,
    email: person?.email ?? null,
    roles: caller.grants.map(({ role, entity, window }) => ({ role, entity, window })),
    permissions: actions
      .map((action) => ({ action, reach: [...reachOf(caller.holder, action)] }))
      .filter(({ reach }) => reach.length > 0),
    entities: entities
      .filter(({ id }) => covers(seen, { entity: id }))
      .map(({ id, name, currency, time_zone }) => ({ id, name, currency, time_zone })),
    csrf_token: caller.csrfToken,
    session:
      session === null
        ? null
        : { started_at: session.startedAt, ends_at: session.endsAt, idle_minutes: idleMinutes },
  };
}
