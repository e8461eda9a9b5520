import { DemoBilling } from './demo-billing';
import { DemoBookings } from './demo-bookings';
import { DemoCash } from './demo-cash';
import { datasetFiles, type DemoFile } from './demo-file';
import { expectedRuns, type ExpectedRun } from './expected-runs';

/** Everything the demo company brings along: its files, and what controls must find in them. */
export interface DemoData {
  /** For the folder `data`. */
  files: DemoFile[];
  expected: ExpectedRun[];
}

/** Makes the demo's data: the same bytes on every machine and every day. */
export function demoData(): DemoData {
  const [bookings, billing, cash] = [new DemoBookings(), new DemoBilling(), new DemoCash()];
  const salesforce = (object: string) => ({
    sourceSystem: 'salesforce',
    query: `SELECT … FROM ${object} WHERE CloseDate >= 2026-05-01 (all rows)`,
  });
  const stripe = (path: string) => ({ sourceSystem: 'stripe', query: `GET ${path} (all pages)` });
  const bank = { sourceSystem: 'bank', query: 'camt.053 statements 2026-05-25 to 2026-07-06' };
  const { opportunities, orders } = bookings;
  return {
    files: [
      ...datasetFiles('opportunities', opportunities, {
        ...salesforce('Opportunity'),
        amount: 'total_amount',
      }),
      ...datasetFiles('orders', orders, { ...salesforce('Order'), amount: 'total_amount' }),
      ...datasetFiles('invoices', billing.invoices, {
        ...stripe('/v1/invoices'),
        amount: 'total',
      }),
      ...datasetFiles('invoice-lines', billing.lines, {
        ...stripe('/v1/invoices/{id}/lines'),
        amount: 'amount',
      }),
      ...datasetFiles('invoice-payments', billing.payments, {
        ...stripe('/v1/invoice_payments'),
        amount: 'amount_paid',
      }),
      ...datasetFiles('stripe-payouts', cash.payouts, {
        ...stripe('/v1/payouts'),
        amount: 'amount',
      }),
      ...datasetFiles('bank-statement', cash.bankLines, { ...bank, amount: 'amount' }),
    ],
    expected: expectedRuns([...bookings.expected, ...billing.expected, ...cash.expected]),
  };
}
