import { isoInstant } from '../kit/instants';
import { majorText } from '../kit/units';
import type { CustomerWorld } from '../world/customer-world';
import type { WarehouseRow } from '../world/records';

/** Both sides of the migration: the old system's frozen extract, and what was loaded (CO-01). */
export function* renderCutover({ customer, cutover }: CustomerWorld): Iterable<WarehouseRow> {
  const whose = { legal_entity: customer.entity, customer_id: customer.organizationId };
  for (const of of cutover.billed)
    yield {
      table: 'legacy_invoice',
      row: {
        ...{ legacy_invoice_id: of.id, ...whose, currency: of.currency },
        ...{ period_start: of.periodStart, period_end: of.periodEnd, issued_on: of.issuedOn },
        amount: majorText(of.amount, of.currency),
        open_amount: majorText(of.open, of.currency),
      },
    };
  for (const of of cutover.loaded)
    yield {
      table: 'migrated_receivable',
      row: {
        ...{ legacy_invoice_id: of.legacyInvoiceId, ...whose, currency: of.currency },
        amount: majorText(of.amount, of.currency),
        loaded_at: isoInstant(of.loadedAt),
      },
    };
}
