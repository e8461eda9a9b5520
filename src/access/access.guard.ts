import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { permissions, reachOf, type Action, type Reach } from '../core/permissions';
import { Refusal } from '../core/problem';
import type { Logger } from '../platform/logger';
import { accessRule, admit, type AccessRule, type Caller } from './caller';
import type { CallerFinder } from './caller-finder';
import { refuseForeignPage } from './own-page';

const realm = 'Bearer realm="tieout"';
const readMethods = new Set(['GET', 'HEAD']);

/**
 * In front of every route: who asks, whether core/permissions.ts lets them, and how far. A route
 * that names no rule is refused to everybody.
 */
export class AccessGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(
    private readonly finder: CallerFinder,
    private readonly publicUrl: string | undefined,
    private readonly logger: Logger,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(accessRule, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === undefined) throw new Error(`${context.getHandler().name} names no access rule`);
    const http = context.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const response = http.getResponse<ServerResponse>();
    const writes = !readMethods.has(request.method ?? '');
    if (writes && request.headers.authorization === undefined)
      refuseForeignPage(request, this.publicUrl);
    if (rule.needs === 'nothing') return true;
    const caller = await this.callerOf(request, response, writes);
    if (writes) requireCsrfToken(request, caller);
    const reach = rule.needs === 'action' ? this.reach(rule.action, caller, response) : [];
    admit(request, { caller, reach });
    return true;
  }

  private async callerOf(
    request: IncomingMessage,
    response: ServerResponse,
    writes: boolean,
  ): Promise<Caller> {
    const found = await this.finder.find(request, !writes);
    if ('caller' in found) return found.caller;
    challenge(response, found.tokenSent ? 'error="invalid_token"' : undefined);
    throw found.refusal;
  }

  private reach(action: Action, caller: Caller, response: ServerResponse): Reach {
    const reach = reachOf(caller.holder, action);
    if (reach.length > 0) return reach;
    const { name, personId } = caller.actor;
    // Who tried what they may not: for whoever looks for patterns, by id and without an address.
    this.logger.warn('request refused', { action, caller: personId ?? name });
    if (permissions[action].writes && caller.holder.scope === 'read' && caller.kind !== 'open') {
      challenge(response, 'error="insufficient_scope", scope="write"');
      throw new Refusal('scope_missing', `${name} may read, not write.`);
    }
    throw new Refusal('forbidden', `${name} holds no role that allows ${action}.`);
  }
}

function requireCsrfToken(request: IncomingMessage, caller: Caller): void {
  if (caller.csrfToken === null) return;
  // The cookie comes along whoever made the browser send the request; this header does not.
  if (request.headers['x-csrf-token'] !== caller.csrfToken)
    throw new Refusal('foreign_page', 'X-CSRF-Token is missing or not the one that /me gives.');
}

function challenge(response: ServerResponse, why?: string): void {
  response.setHeader('WWW-Authenticate', why === undefined ? realm : `${realm}, ${why}`);
}
