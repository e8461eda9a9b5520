import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

/** A table whose rows are records of the world one by one, and where these stand in its folder. */
interface Listed {
  table: string;
  /** Of rows that stand for these records; all of them where it is left out. */
  where?: string;
  files: readonly string[];
  /** Lines that the configuration of the warehouse asks for; all of them where it is left out. */
  holding?: RegExp;
}

const both = (name: string): string[] =>
  ['ni-us', 'ni-ie'].map((entity) => `stripe/${entity}/${name}.jsonl`);

/** Tables whose rows are counted against the world's files: what the truth has no rows of. */
export const listedTables: readonly Listed[] = [
  { table: 'approval_steps', files: ['salesforce/ProcessInstanceStep.jsonl'] },
  { table: 'approvals', where: `app = 'salesforce'`, files: ['salesforce/ProcessInstance.jsonl'] },
  { table: 'config_changes', files: ['salesforce/SetupAuditTrail.jsonl'] },
  { table: 'contract_lines', files: ['salesforce/SBQQ__Subscription__c.jsonl'] },
  { table: 'customers', where: `system = 'salesforce'`, files: ['salesforce/Account.jsonl'] },
  { table: 'coupons', files: both('coupons') },
  { table: 'discounts', files: both('discounts') },
  { table: 'entitlements', files: ['warehouse/entitlement.csv'] },
  {
    table: 'fx_rates',
    where: `source = 'warehouse'`,
    files: ['warehouse/fx_rate.csv'],
    holding: /,(ECB|TREASURY)$/,
  },
  {
    table: 'fx_rates',
    where: `source = 'salesforce'`,
    files: ['salesforce/DatedConversionRate.jsonl'],
  },
  { table: 'gl_accounts', files: ['warehouse/gl_account.csv'] },
  { table: 'gl_balances', files: ['warehouse/gl_balance.csv'] },
  { table: 'gl_journals', files: ['warehouse/gl_journal.csv'] },
  { table: 'gl_lines', files: ['warehouse/gl_line.csv'] },
  { table: 'gl_periods', files: ['warehouse/gl_period.csv'] },
  { table: 'interface_batches', files: ['warehouse/usage_batch.csv'] },
  { table: 'invoice_items', files: both('invoiceitems') },
  { table: 'meters', files: both('billing_meters') },
  { table: 'people', files: ['warehouse/hr_roster.csv'] },
  {
    table: 'prices',
    where: `source = 'stripe'`,
    files: both('prices'),
  },
  { table: 'products', where: `source = 'stripe'`, files: both('products') },
  { table: 'products', where: `source = 'salesforce'`, files: ['salesforce/Product2.jsonl'] },
  { table: 'quote_lines', files: ['salesforce/SBQQ__QuoteLine__c.jsonl'] },
  { table: 'quotes', files: ['salesforce/SBQQ__Quote__c.jsonl'] },
  { table: 'subscription_items', files: both('subscription_items') },
  { table: 'subscriptions', files: both('subscriptions') },
  { table: 'usage_errors', files: ['warehouse/meter_error.csv'] },
  { table: 'app_users', files: ['salesforce/User.jsonl'] },
];

/** Records in a file of the world: lines, less the head of a CSV; none where it was never begun. */
export function recordsIn(world: string, file: string, holding?: RegExp): number {
  const full = path.join(world, file);
  if (!existsSync(full)) return 0;
  const lines = readFileSync(full, 'utf8').split('\n').slice(0, -1);
  const rows = file.endsWith('.csv') ? lines.slice(1) : lines;
  return rows.filter((line) => holding?.test(line) ?? true).length;
}
