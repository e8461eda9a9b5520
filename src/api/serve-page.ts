import type { NestExpressApplication } from '@nestjs/platform-express';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as path from 'node:path';
import { packageRoot } from '../platform/database/bootstrap';

/** Where `npm run build` puts the page. */
const builtPage = path.join(packageRoot, 'dist', 'web');

/**
 * Serves the reviewer's page at every address that a browser opens and that is not the API's: the
 * page itself knows its screens. Its files are named by their content, so browsers may keep them.
 * Without a built page nothing is served, and `/` answers like any unknown address.
 */
export function servePage(app: NestExpressApplication, folder: string = builtPage): void {
  const file = path.join(folder, 'index.html');
  if (!existsSync(file)) return;
  const page = readFileSync(file);
  app.useStaticAssets(path.join(folder, 'assets'), {
    prefix: '/assets/',
    index: false,
    redirect: false,
    setHeaders: (response: ServerResponse) => {
      response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    },
  });
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (!opensPage(request)) {
      next();
      return;
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Length', page.byteLength);
    response.end(request.method === 'HEAD' ? undefined : page);
  });
}

const readMethods = new Set(['GET', 'HEAD']);

/** A browser that goes to an address asks for HTML; a program that wants data does not. */
function opensPage(request: IncomingMessage): boolean {
  const { method = '', url = '/', headers } = request;
  const belongsToApi = /^\/(api|health|assets)(\/|\?|$)/.test(url);
  return readMethods.has(method) && !belongsToApi && /\btext\/html\b/.test(headers.accept ?? '');
}
