import type { Knex } from 'knex';
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import { Refusal } from '../../core/problem';
import type { Clock } from '../../platform/clock';
import type { StripeConfig } from '../../platform/source-config';
import { eventHint } from './event-hint';
import { recordHint } from './stripe-hints.store';

/** Older signatures are refused: a recorded request cannot be sent again (docs.stripe.com). */
const toleranceSeconds = 300;

/** Takes what Stripe sends to the webhook of an account. */
export class StripeWebhook {
  constructor(
    private readonly app: Knex,
    private readonly accounts: Readonly<Record<string, StripeConfig>>,
    private readonly clock: Clock,
  ) {}

  /**
   * Notes the object that an event names, once its signature proves that Stripe sent it; nothing of
   * its content is kept. Throws Refusal: `not_found` where no webhook is configured,
   * `signature_refused` where the signature is missing, wrong or old.
   */
  async receive(name: string, body: Buffer, signature: string | undefined): Promise<void> {
    const secret = Object.hasOwn(this.accounts, name)
      ? this.accounts[name]?.webhook_secret
      : undefined;
    if (secret === undefined)
      throw new Refusal('not_found', `No webhook is configured for ${name}.`);
    const hint = eventHint(this.verified(body, signature ?? '', secret));
    if (hint !== null) await recordHint(this.app, name, hint, this.clock.now());
  }

  private verified(
    body: Buffer,
    signature: string,
    secret: string,
  ): Readonly<Record<string, unknown>> {
    const nowMs = Date.parse(this.clock.now());
    const { signature: check } = Stripe.webhooks;
    assert(check !== null, 'the SDK verifies signatures');
    try {
      check.verifyHeader(body, signature, secret, toleranceSeconds, undefined, nowMs);
    } catch {
      throw new Refusal('signature_refused', 'The request is not signed by this webhook’s secret.');
    }
    const event: unknown = JSON.parse(body.toString('utf8'));
    return typeof event === 'object' && event !== null ? { ...event } : {};
  }
}
