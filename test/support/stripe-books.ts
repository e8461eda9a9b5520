import { deriveBooks, type Derivation } from '../../src/books/derive-books';
import type { DeriveJob } from '../../src/books/derive-batch';
import { landRaw, type RawLanding, type RawObservation } from '../../src/books/land-raw';
import type { Clock } from '../../src/platform/clock';
import { stripeMappings } from '../../src/sources/stripe/mapping/stripe-mappings';
import type { StripeContext } from '../../src/sources/stripe/mapping/stripe-values';
import type { TestDatabase } from './database';
import type { StripeObject } from './stripe-objects';

/** How objects of one account become rows; its books are kept in Los Angeles. */
export const stripeJob: DeriveJob<StripeContext> = {
  ...{ source: 'stripe', account: 'acct_1', entityId: 'ni-us' },
  ...{ mappings: stripeMappings, mappingVersion: 'stripe-1' },
  context: {
    entityId: 'ni-us',
    bookZone: 'America/Los_Angeles',
    livemode: true,
    metadataPrefix: 'salesforce_',
  },
};

/** An object as it was read, before all that the clock of these books will tell. */
export const seen = (body: StripeObject, at = '2026-07-06T09:00:00Z'): RawObservation => ({
  objectId: String(body['id']),
  observedAt: at,
  payload: JSON.stringify(body),
});

/** Books of one account, filled object by object without a sync. */
export class StripeBooks {
  private seconds = 0;
  /** Every look at it is a second later: no two landings are at the same moment. */
  readonly clock: Clock = {
    now: () => new Date(Date.UTC(2026, 6, 6, 10, 0, (this.seconds += 1))).toISOString(),
  };

  constructor(private readonly database: TestDatabase) {}

  land(object: string, observations: RawObservation[]): Promise<RawLanding> {
    const { source, account } = stripeJob;
    const read = { source, account, object, apiVersion: '2026-10-28.endive', observations };
    return landRaw(this.database, read, { clock: this.clock });
  }

  derive(job: DeriveJob<StripeContext> = stripeJob): Promise<Derivation[]> {
    return deriveBooks(this.database, job, { clock: this.clock });
  }
}
