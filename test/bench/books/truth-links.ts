import { systemUsers } from '../../../src/sandbox/company/people';
import {
  addMonthsToInstant,
  HOUR,
  isoInstant,
  startOfUtcDay,
  utcDay,
  type Instant,
} from '../../../src/sandbox/kit/instants';
import { accessOfRole } from '../../../src/sandbox/salesforce/render/org-access';
import { stripeCatalogue } from '../../../src/sandbox/stripe/render/stripe-catalogue';
import type { SubscriptionPlan } from '../../../src/sandbox/truth/plan';
import type { Person } from '../../../src/sandbox/truth/sold';
import type { CustomerWorld } from '../../../src/sandbox/world/customer-world';
import { money, type TruthBook } from './truth-book';

/** The billing customer names its account; the account names it once an order was activated. */
export function addCustomerLinks(book: TruthBook, { customer, sold }: CustomerWorld): void {
  const { accountId, stripeId, entity, sisterOf } = customer;
  if (accountId === null) return;
  const add = (from: string, to: string, method: string): void =>
    book.add('customer_links', `${from} > ${to}`, method, entity);
  add(`stripe ${stripeId}`, `salesforce ${accountId}`, 'METADATA');
  if (sisterOf !== undefined) return;
  const orders = sold.deals.flatMap((deal) => deal.orders);
  if (orders.some(({ activatedAt }) => activatedAt !== null))
    add(`salesforce ${accountId}`, `stripe ${stripeId}`, 'EXPLICIT_ID');
  for (const merged of sold.mergedAccounts ?? [])
    if (merged.mergedAt !== null)
      add(`salesforce ${merged.accountId}`, `salesforce ${accountId}`, 'MERGE');
}

/** Each stage with its amount, date and probability; each tracked edit of an opportunity. */
export function addBookingChanges(book: TruthBook, { sold }: CustomerWorld): void {
  for (const { opportunityId: id, stages, edits, currency } of sold.deals) {
    const counts = new Map<string, number>();
    const add = (at: Instant, by: string, trail: string, ...values: (string | null)[]): void => {
      const n = (counts.get(trail) ?? 0) + 1;
      counts.set(trail, n);
      book.add('booking_changes', `${id} ${trail} ${n}`, isoInstant(at), by, ...values);
    };
    for (const { stage, at, by, amount, closeDate } of [...stages].sort((a, b) => a.at - b.at)) {
      add(at, by, 'STAGE_HISTORY StageName', null, stage);
      add(at, by, 'STAGE_HISTORY Amount', null, money(amount, currency));
      add(at, by, 'STAGE_HISTORY CloseDate', null, closeDate);
      // Which probability a stage has is the org's own setup.
      add(at, by, 'STAGE_HISTORY Probability', null, null);
    }
    const tracked = edits.filter(({ object, tracked: is }) => object === 'Opportunity' && is);
    for (const { field, at, by, oldValue, newValue } of tracked.sort((a, b) => a.at - b.at))
      add(at, by, `FIELD_HISTORY ${field}`, oldValue, newValue);
  }
}

/** What each login may do: its profile, and the sets that its role has beside it. */
export function addEntitlements(book: TruthBook, people: readonly Person[]): void {
  const add = (user: string, entitlement: string, at: Instant): void =>
    book.add('app_entitlements', `${user} ${entitlement}`, isoInstant(at));
  for (const { role, userIds, startedOn, terminatedOn } of people) {
    const [, sets] = accessOfRole[role];
    const at = startOfUtcDay(startedOn) + 16 * HOUR;
    for (const [i, user] of userIds.entries()) {
      add(user, 'profile', at);
      if (i > 0 || terminatedOn !== null) continue;
      for (const set of sets) add(user, set.replaceAll(' ', '_'), at);
    }
  }
  for (const { userId, createdOn } of systemUsers) add(userId, 'profile', startOfUtcDay(createdOn));
}

/** A scheduled subscription changes where one of its items begins or ends. */
export function addPhases(
  book: TruthBook,
  { plan, billing, customer }: CustomerWorld,
  now: Instant,
): void {
  for (const one of plan.subscriptions) {
    if (one.scheduleId === null || one.createdAt > now) continue;
    const end = one.endsAt ?? addMonthsToInstant(one.startAt, 12);
    const turns = one.items
      .flatMap(({ from, to }) => [from, to])
      .filter((at) => at !== null && at > one.startAt && at < end);
    const starts = [...new Set([one.startAt, ...turns.map(Number)])].sort((a, b) => a - b);
    const billed = billing.subscriptions.find(({ key }) => key === one.key);
    for (const [i, start] of starts.entries())
      book.add(
        'subscription_schedule_phases',
        `${one.scheduleId} ${i + 1}`,
        ...[now < one.startAt ? null : one.id, one.billedTo ?? customer.stripeId],
        ...[stateOf(one, billed, now), customer.currency],
        ...[isoInstant(start), isoInstant(starts[i + 1] ?? end), itemsAt(one, start)],
      );
  }
}

function stateOf(
  { startAt }: SubscriptionPlan,
  billed: { endedAt: Instant | null; canceledAt: Instant | null } | undefined,
  now: Instant,
): string {
  if (billed !== undefined && billed.endedAt !== null)
    return billed.canceledAt === null ? 'completed' : 'canceled';
  return now < startAt ? 'not_started' : 'active';
}

const itemsAt = ({ items }: SubscriptionPlan, at: Instant): string =>
  items
    .filter(({ from, to }) => (from === null || from <= at) && (to === null || at < to))
    .map(({ price, quantity }) => `${price.id} ${quantity === null ? '' : String(quantity)}`)
    .sort()
    .join(', ');

/** What the biller's meters took, by hour; the day that has not ended is not read yet. */
export function addSummaries(
  book: TruthBook,
  { usage, customer }: CustomerWorld,
  now: Instant,
): void {
  const catalogue = stripeCatalogue(customer.entity);
  const hours = new Map<string, number>();
  for (const { meter, firstAt, quantity } of usage.metered) {
    if (firstAt >= startOfUtcDay(utcDay(now))) continue;
    const hour = isoInstant(firstAt - (firstAt % HOUR));
    const key = `${customer.stripeId} ${catalogue.meterId(meter)} ${hour}`;
    hours.set(key, (hours.get(key) ?? 0) + quantity);
  }
  for (const [key, quantity] of hours) book.add('usage_summaries', key, String(quantity));
}
