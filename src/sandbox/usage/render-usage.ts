import type { MeterError, UsageBatch, UsageHour } from '../truth/usage';
import type { CustomerWorld } from '../world/customer-world';
import type { WarehouseRow } from '../world/records';
import { accessOf, type Access } from './access-of';
import { instantText } from './day-text';

/**
 * The product's own rows of one customer, with the columns of CONTROLS §1.5: usage_hourly,
 * usage_batch, meter_error, seat_daily, entitlement. The product knows a customer by the id of its
 * organisation; `organization` says who that is elsewhere.
 */
export function* renderUsage(world: CustomerWorld): Generator<WarehouseRow> {
  const { customer, usage } = world;
  const id = customer.organizationId;
  yield { table: 'organization', row: organizationRow(customer) };
  for (const hour of usage.store) yield { table: 'usage_hourly', row: hourRow(id, hour) };
  for (const batch of usage.batches) yield { table: 'usage_batch', row: batchRow(id, batch) };
  for (const error of usage.errors) yield { table: 'meter_error', row: errorRow(id, error) };
  yield* renderSeats(world);
  for (const access of accessOf(world)) yield { table: 'entitlement', row: accessRow(id, access) };
}

type Row = WarehouseRow['row'];

const organizationRow = (customer: CustomerWorld['customer']): Row => ({
  organization_id: customer.organizationId,
  legal_entity: customer.entity,
  name: customer.name,
  // Who is never billed has no customer at Stripe.
  stripe_customer_id: customer.internal ? null : customer.stripeId,
  salesforce_account_id: customer.accountId,
  internal: String(customer.internal),
  created_at: instantText(customer.arrivedAt),
});

const hourRow = (customerId: string, hour: UsageHour): Row => ({
  customer_id: customerId,
  meter_key: hour.meter,
  hour_utc: instantText(hour.hour),
  quantity: String(hour.quantity),
  event_count: String(hour.events),
  first_event_at: instantText(hour.firstAt),
  last_event_at: instantText(hour.lastAt),
  ingested_at_max: instantText(hour.ingestedAt),
  store_version: '1',
});

const batchRow = (customerId: string, batch: UsageBatch): Row => ({
  batch_id: `batch_${customerId.slice(4)}_${batch.meter}_${batch.day}`,
  customer_id: customerId,
  meter_key: batch.meter,
  date_utc: batch.day,
  sent_events: String(batch.sentEvents),
  accepted_events: String(batch.acceptedEvents),
  duplicate_events: String(batch.duplicateEvents),
  rejected_events: String(batch.rejectedEvents),
  replayed_events: String(batch.replayedEvents),
  sent_quantity: String(batch.sentQuantity),
  accepted_quantity: String(batch.acceptedQuantity),
  duplicate_quantity: String(batch.duplicateQuantity),
  rejected_quantity: String(batch.rejectedQuantity),
  replayed_quantity: String(batch.replayedQuantity),
});

/** What the biller refused, kept until it is sent again (IPE-02). */
const errorRow = (customerId: string, error: MeterError): Row => ({
  error_id: error.key,
  customer_id: customerId,
  meter_key: error.meter,
  code: error.code,
  occurred_at: instantText(error.at),
  event_count: String(error.events),
  quantity: String(error.quantity),
  replayed_at: error.replayedAt === null ? null : instantText(error.replayedAt),
});

/** Seats of a workspace end with the last subscription that billed it. */
function* renderSeats({ customer, usage, plan, billing }: CustomerWorld): Generator<WarehouseRow> {
  const lastDays = new Map<string, string>();
  for (const { key, items } of plan.subscriptions) {
    const ended = billing.subscriptions.find((billed) => billed.key === key)?.endedAt ?? null;
    for (const { workspace } of items) {
      if (workspace === null) continue;
      const day = ended === null ? '9999-12-31' : instantText(ended).slice(0, 10);
      const known = lastDays.get(workspace);
      lastDays.set(workspace, known !== undefined && known > day ? known : day);
    }
  }
  for (const { workspace, day, assigned, active, plan: name } of usage.seats) {
    if (day > (lastDays.get(workspace) ?? day)) continue;
    yield {
      table: 'seat_daily',
      row: {
        customer_id: customer.organizationId,
        workspace_id: workspace,
        date_utc: day,
        seats_assigned: String(assigned),
        seats_active: String(active),
        plan: name,
      },
    };
  }
}

const accessRow = (customerId: string, access: Access): Row => ({
  entitlement_id: access.id,
  customer_id: customerId,
  workspace_id: access.workspace,
  plan: access.plan,
  status: access.revokedAt === null ? 'active' : 'revoked',
  granted_at: instantText(access.grantedAt),
  revoked_at: access.revokedAt === null ? null : instantText(access.revokedAt),
  internal: String(access.internal),
});
