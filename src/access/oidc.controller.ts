import { Controller, Get, HttpCode, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../platform/clock';
import type { Logger } from '../platform/logger';
import { oidcAnswer, oidcStart, waysIn, type OidcStart, type WaysIn } from './access.contract';
import { OpenToAll } from './caller';
import type { IdentityProvider } from './identity-provider';
import type { IdentitySignIn } from './identity-sign-in';
import { SessionCookie } from './session-cookie';
import { newFlow, readFlow, SignInRefused } from './sign-in-flow';

/** What signing in through a provider needs; null in `provider` where none is configured. */
export interface OidcParts {
  provider: { name: string; at: IdentityProvider; signing: IdentitySignIn } | null;
  /** Keeps the flow while the browser is away. */
  cookie: SessionCookie;
  clock: Clock;
  logger: Logger;
}
export const OIDC_PARTS = Symbol('OidcParts');
const flowSeconds = 600;

const found = {
  status: 303,
  description: 'To the provider, or to /sign-in?refused=… when that is not possible.',
};
const back = {
  status: 303,
  description: 'To where the sign-in began, with a session; or to /sign-in?refused=… and why.',
};

@ApiTags('access')
@Controller('api/v1/sign-in')
@OpenToAll()
export class OidcController {
  constructor(
    @Inject(OIDC_PARTS) private readonly parts: OidcParts,
    @Inject(SessionCookie) private readonly session: SessionCookie,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How people sign in here', operationId: 'listWaysIn' })
  @ApiOkResponse({ standardSchema: waysIn, description: 'What the sign-in page offers.' })
  ways(): WaysIn {
    const { provider } = this.parts;
    return {
      links: true,
      oidc: provider === null ? null : { name: provider.name, url: '/api/v1/sign-in/oidc' },
    };
  }

  @Get('oidc')
  @HttpCode(303)
  @ApiOperation({
    summary: 'Sign in through the identity provider',
    description: 'For a browser to go to; it comes back signed in. No program calls this.',
    operationId: 'beginOidc',
  })
  @ApiResponse(found)
  async begin(
    @Query({ schema: oidcStart }) { return_to: returnTo }: OidcStart,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const { provider, cookie, clock } = this.parts;
    await this.redirect(response, async () => {
      if (provider === null) throw new SignInRefused('unavailable');
      const flow = newFlow(returnTo, clock.now());
      const url = await provider.at.begin(flow);
      response.setHeader('Set-Cookie', cookie.set(flow.text, flowSeconds));
      return url;
    });
  }

  @Get('oidc/callback')
  @HttpCode(303)
  @ApiOperation({
    summary: 'Where the identity provider leads back to',
    operationId: 'finishOidc',
  })
  @ApiResponse(back)
  async finish(
    @Query({ schema: oidcAnswer }) _answer: unknown,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const { provider, cookie, clock } = this.parts;
    const { cookie: cookies } = request.headers;
    response.setHeader('Set-Cookie', cookie.clear());
    await this.redirect(response, async () => {
      if (provider === null) throw new SignInRefused('unavailable');
      const flow = readFlow(cookie.read(cookies), clock.now());
      if (flow === null) throw new SignInRefused('expired');
      // The whole answer as it came: what is checked must be what was sent.
      const search = new URL(request.url ?? '', 'http://own.invalid').search;
      const identity = await provider.at.finish(flow, search);
      const { secret } = await provider.signing.signIn(identity, {
        replaces: this.session.read(cookies),
        device: request.headers['user-agent'],
      });
      response.setHeader('Set-Cookie', [cookie.clear(), this.session.set(secret)]);
      return flow.returnTo;
    });
  }

  /** A person is looking: what is refused is told by our page, not by a problem document. */
  private async redirect(response: ServerResponse, act: () => Promise<string>): Promise<void> {
    response.setHeader('Location', await act().catch((cause: unknown) => this.refuse(cause)));
    response.statusCode = 303;
    response.end();
  }

  private refuse(cause: unknown): string {
    if (!(cause instanceof SignInRefused)) throw cause;
    const { why } = cause;
    const { logger } = this.parts;
    const facts = { why, ...causeOf(cause.cause) };
    if (why === 'unavailable') logger.error('the identity provider cannot be reached', facts);
    else logger.warn('sign-in through the identity provider refused', facts);
    return `/sign-in?refused=${why}`;
  }
}

/** Name and code alone: what else such an error carries are claims and tokens. */
function causeOf(cause: unknown): { cause?: string; code?: string } {
  if (!(cause instanceof Object)) return {};
  const name = 'name' in cause ? String(cause.name) : 'unknown';
  const code = 'code' in cause ? String(cause.code) : undefined;
  return { cause: name, ...(code === undefined ? {} : { code }) };
}
