import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';

export interface OidcPerson {
  email?: string;
  email_verified?: boolean;
  name?: string;
  groups?: unknown;
}

/** A real provider of identities over real HTTP, and a browser's way through its pages. */
export interface OidcProvider {
  issuer: string;
  stop(): Promise<void>;
}

export async function startOidcProvider(
  people: Record<string, OidcPerson>,
  client: Record<string, string | string[]>,
  forged = false,
): Promise<OidcProvider> {
  const child = spawn(
    process.execPath,
    [path.join(__dirname, 'oidc-provider-child.js'), JSON.stringify({ people, client, forged })],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the provider ended before it listened'))),
  ])) as [Buffer];
  return {
    issuer: line.toString('utf8').trim(),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** Keeps cookies by host, and goes where it is led only when it is told to. */
export class Wanderer {
  private readonly jars = new Map<string, Map<string, string>>();

  async go(url: string, form?: Record<string, string>): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', Cookie: cookie },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      const gone = /max-age=0|expires=thu, 01 jan 1970/i.test(line);
      if (gone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** Follows redirects until one leads to an address that `until` names, which is not gone to. */
  async follow(url: string, until: (url: URL) => boolean): Promise<string> {
    for (let at = url, hops = 0; hops < 20; hops += 1) {
      if (until(new URL(at))) return at;
      const answer = await this.go(at);
      const next = answer.headers.get('location');
      if (next === null) return at;
      at = new URL(next, at).href;
    }
    throw new Error(`${url} leads round in circles`);
  }

  cookie(host: string, name: string): string | undefined {
    return this.jars.get(host)?.get(name);
  }

  setCookie(host: string, name: string, value: string): void {
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar.set(name, value));
  }
}
