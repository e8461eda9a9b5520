import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sha256Hex } from '../core/canonical-json';
import { Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { openToAll, setCaller, type Caller } from './caller';
import { looksLikeToken } from './create-token';
import type { TokensStore } from './tokens.store';

const realm = 'Bearer realm="tieout"';
const readMethods = new Set(['GET', 'HEAD']);

/**
 * Lets a request through or refuses it (RFC 6750): a write needs a token of scope write; a read
 * needs any token unless reads are open. A token that is presented must be good, also where none is
 * needed.
 */
export class TokenGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(
    private readonly tokens: TokensStore,
    private readonly clock: Clock,
    private readonly readsAreOpen: boolean,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(openToAll, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (open) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const response = http.getResponse<ServerResponse>();
    const writes = !readMethods.has(request.method ?? '');
    const caller = await this.callerOf(request, response, writes);
    if (writes && caller.scope !== 'write') {
      challenge(response, 'error="insufficient_scope", scope="write"');
      throw new Refusal('scope_missing', `The token '${caller.name}' may read, not write.`);
    }
    setCaller(request, caller);
    return true;
  }

  private async callerOf(
    request: IncomingMessage,
    response: ServerResponse,
    writes: boolean,
  ): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      if (this.readsAreOpen && !writes) return { name: null, scope: 'read' };
      challenge(response);
      throw new Refusal(
        'token_required',
        'This request needs a token in the header Authorization: Bearer.',
      );
    }
    const presented = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
    const now = this.clock.now();
    const token = looksLikeToken(presented)
      ? await this.tokens.findLive(sha256Hex(presented), now)
      : undefined;
    if (token === undefined) {
      challenge(response, 'error="invalid_token"');
      // One sentence for all of them: a guess learns nothing.
      throw new Refusal('token_required', 'The token is unknown, expired or revoked.');
    }
    await this.tokens.markUsed(token.id, now);
    return { name: token.name, scope: token.scope };
  }
}

function challenge(response: ServerResponse, why?: string): void {
  response.setHeader('WWW-Authenticate', why === undefined ? realm : `${realm}, ${why}`);
}
