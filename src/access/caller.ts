import {
  applyDecorators,
  createParamDecorator,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Action, Grant, Holder, Reach } from '../core/permissions';
import type { Actor } from './audit-trail';

/** The session behind a cookie. */
export interface LiveSession {
  sha256: string;
  via: 'link' | 'oidc';
  startedAt: string;
  /** The last moment it can be used, however busy it is. */
  endsAt: string;
}

/** Who sent a request. */
export interface Caller {
  /** open: a read on the loopback by nobody in particular. */
  kind: 'person' | 'machine' | 'open';
  /** As records carry it: person:ann@example.com, token:nightly. */
  actor: Actor;
  /** Of a person; null for a machine. */
  person: { id: string; email: string; name: string } | null;
  grants: readonly Grant[];
  holder: Holder;
  session: LiveSession | null;
  /** What a page must send back with each write; null where no cookie vouches for the caller. */
  csrfToken: string | null;
}

/** What a route asks of its caller. */
export type AccessRule =
  | { needs: 'nothing' }
  /** Anybody known, whatever they may do. */
  | { needs: 'identity' }
  | { needs: 'action'; action: Action };

export interface Admission {
  caller: Caller;
  /** How far the route's action reaches for the caller; empty on routes without one. */
  reach: Reach;
}

const admissions = new WeakMap<object, Admission>();

export function admit(request: object, admission: Admission): void {
  admissions.set(request, admission);
}

function admissionOf(context: ExecutionContext): Admission {
  const admission = admissions.get(context.switchToHttp().getRequest<object>());
  if (admission === undefined) throw new Error('the route is not behind AccessGuard');
  return admission;
}

/** The caller that AccessGuard let through, as a parameter of a controller's method. */
export const CallerOf = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => admissionOf(context).caller,
);

/** How far the action of the route reaches for the caller. */
export const ReachOf = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => admissionOf(context).reach,
);

export const accessRule = 'tieout:access-rule';
/** Where OpenAPI tells what an operation asks of its caller. */
export const accessExtension = 'x-tieout-access';

function rule(asks: AccessRule): MethodDecorator & ClassDecorator {
  const said = asks.needs === 'action' ? asks.action : asks.needs;
  return applyDecorators(SetMetadata(accessRule, asks), ApiExtension(accessExtension, said));
}

/** The action of core/permissions.ts that a route is. */
export const Requires = (action: Action): MethodDecorator => rule({ needs: 'action', action });

/** A route for anybody who is known. */
export const RequiresIdentity = (): MethodDecorator => rule({ needs: 'identity' });

/** A route that tells nothing about the company: it never needs a token. */
export const OpenToAll = (): MethodDecorator & ClassDecorator => rule({ needs: 'nothing' });
