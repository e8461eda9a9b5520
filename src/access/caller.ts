import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { TokenScope } from './tokens.store';

/** Who sent a request. */
export interface Caller {
  /** The token's name; null on an open read without a token. */
  name: string | null;
  scope: TokenScope;
}

const callers = new WeakMap<object, Caller>();

export function setCaller(request: object, caller: Caller): void {
  callers.set(request, caller);
}

/** The caller that TokenGuard let through, as a parameter of a controller's method. */
export const CallerOf = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const caller = callers.get(context.switchToHttp().getRequest<object>());
  if (caller === undefined) throw new Error('the route is not behind TokenGuard');
  return caller;
});

export const openToAll = 'tieout:open-to-all';

/** Marks a route that tells nothing about the company: it never needs a token. */
export const OpenToAll = (): MethodDecorator & ClassDecorator => SetMetadata(openToAll, true);
