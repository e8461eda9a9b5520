import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { hostCheck } from './allowed-hosts';
import { sendProblem } from './problem-answer';
import { nameRequest, requestId } from './request-id';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What every request passes before any route, in order. */
export function httpShell(server: Config['server'], logger: Logger): Middleware[] {
  return [logRequests(logger), securityHeaders(server), refuseForeignHosts(server)];
}

/** Express puts the route that answered here. Its pattern is logged, never the address itself. */
interface Routed {
  route?: { path?: unknown };
}

function logRequests(logger: Logger): Middleware {
  return (request, response, next) => {
    const id = nameRequest(request, response);
    const start = performance.now();
    response.once('close', () => {
      const { route } = request as Routed;
      logger.info('request answered', {
        method: request.method,
        route: typeof route?.path === 'string' ? route.path : 'none',
        status: response.statusCode,
        ms: Math.round(performance.now() - start),
        requestId: id,
        ...(response.writableFinished ? {} : { cut: true }),
      });
    });
    next();
  };
}

function securityHeaders(server: Config['server']): Middleware {
  const setHeaders = helmet({
    contentSecurityPolicy: {
      // Helmet's own defaults hold upgrade-insecure-requests, which breaks plain http.
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'connect-src': ["'self'"],
        'font-src': ["'self'"],
        // Swagger UI draws its icons from data: and styles elements in place.
        'img-src': ["'self'", 'data:'],
        'style-src': ["'self'", "'unsafe-inline'"],
        'script-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Browsers heed it over https alone, which only a proxy in front gives.
    strictTransportSecurity: server.public_url?.startsWith('https:') ?? false,
  });
  return (request, response, next) => {
    // A page with money on it stays in no cache; a download says otherwise for itself.
    response.setHeader('Cache-Control', 'no-store');
    setHeaders(request, response, next);
  };
}

function refuseForeignHosts(server: Config['server']): Middleware {
  const isAllowed = hostCheck(server);
  return (request, response, next) => {
    if (isAllowed(request.headers.host)) next();
    else sendProblem(response, foreignHost, requestId(request));
  };
}

const foreignHost = {
  status: 421,
  code: 'host_not_allowed',
  title: 'This server does not answer to that name',
  detail:
    'Use 127.0.0.1 or localhost, or set server.public_url in tieout.yaml to the name you use.',
};
