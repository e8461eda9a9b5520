/** Waits; a test passes its own. */
export type Sleep = (ms: number) => Promise<void>;

/**
 * A token bucket per endpoint of one account. Stripe allows 100 requests a second for an account
 * in live mode, 25 in a sandbox, and 25 for one endpoint (docs.stripe.com/rate-limits); after a 429
 * the endpoint rests for as long as Retry-After says.
 */
export class RateLimiter {
  private readonly nextAtMs = new Map<string, number>();

  constructor(
    private readonly perSecond: number,
    private readonly elapsedMs: () => number,
    private readonly sleep: Sleep,
  ) {}

  /** Resolves when the next request to this endpoint may be made. */
  async turn(endpoint: string): Promise<void> {
    const nowMs = this.elapsedMs();
    const atMs = Math.max(nowMs, this.nextAtMs.get(endpoint) ?? 0);
    this.nextAtMs.set(endpoint, atMs + 1000 / this.perSecond);
    if (atMs > nowMs) await this.sleep(atMs - nowMs);
  }

  /** Keeps all requests to this endpoint back for so long. */
  holdBack(endpoint: string, ms: number): void {
    const untilMs = this.elapsedMs() + ms;
    this.nextAtMs.set(endpoint, Math.max(untilMs, this.nextAtMs.get(endpoint) ?? 0));
  }
}
