import { sha256Hex } from '../core/canonical-json';

/** How a secret travels: out of reach of scripts, and to this site alone. */
export class SessionCookie {
  private readonly name: string;

  /** `secure`: the page is reached over https. The prefix then binds the cookie to this host. */
  constructor(
    private readonly secure: boolean,
    name = 'tieout',
  ) {
    this.name = secure ? `__Host-${name}` : name;
  }

  read(header: string | undefined): string | undefined {
    for (const pair of (header ?? '').split(';')) {
      const at = pair.indexOf('=');
      if (at > 0 && pair.slice(0, at).trim() === this.name) return pair.slice(at + 1).trim();
    }
    return undefined;
  }

  /** Without seconds it ends with the browser, and the server ends it before that. */
  set(secret: string, seconds?: number): string {
    const age = seconds === undefined ? '' : `Max-Age=${seconds}; `;
    return `${this.name}=${secret}; ${age}${this.attributes()}`;
  }

  clear(): string {
    return `${this.name}=; Max-Age=0; ${this.attributes()}`;
  }

  // Lax, not Strict: the identity provider leads back here, and the cookie must come along then.
  private attributes(): string {
    return `Path=/; HttpOnly; SameSite=Lax${this.secure ? '; Secure' : ''}`;
  }
}

/** Follows from the session, so that only its owner's own page can know it. */
export const csrfTokenOf = (sessionSecret: string): string => sha256Hex(`csrf:${sessionSecret}`);
