import { z } from 'zod';
import { isDate } from '../core/calendar';

const identifier = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'must be a lower-case name');
export const date = z.string().refine(isDate, 'must be a date written "YYYY-MM-DD"');
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a three-letter currency code');
export const timeZone = z
  .string()
  .refine(isTimeZone, 'must be an IANA time zone, such as Europe/Dublin');

/** Types a column of a declared file may have; what each accepts is documented in docs/files.md. */
export const columnTypes = [
  'text',
  'decimal',
  'integer',
  'date',
  'timestamp',
  'instant',
  'boolean',
] as const;
export type ColumnType = (typeof columnTypes)[number];

/** Of what is landed as a whole. */
const mayBeEmpty = z
  .boolean()
  .optional()
  .describe(
    'Rows of an entity may all be gone, or over half of 1,000 or more. Else it is not landed.',
  );
const coveredEntities = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe('The legal entities whose rows these are, all of them; no others may occur.');

const datasetSchema = z.strictObject({
  path: z.string().min(1),
  format: z.enum(['csv', 'parquet']),
  columns: z.record(identifier, z.enum(columnTypes)),
  headers: z
    .record(identifier, z.string().min(1))
    .optional()
    .describe('What the file calls a column, where that differs from its name here.'),
  amount: identifier.optional().describe('Column that control totals add up.'),
  currency: z
    .union([currency, z.strictObject({ column: identifier })])
    .optional()
    .describe('The currency of all amounts, or the column that holds it.'),
  time_zone: timeZone.optional().describe('Of its timestamp columns, which carry no offset.'),
  control_total: z.enum(['required', 'optional']).default('optional'),
  lands_in: identifier.optional().describe('The table of schema books that sync fills from it.'),
  may_be_empty: mayBeEmpty,
  entities: coveredEntities,
});

export type DatasetConfig = z.infer<typeof datasetSchema>;

/** One Stripe account; several accounts are several sources, each of one legal entity. */
const stripeSchema = z.strictObject({
  entity: z.string().min(1).describe('The legal entity whose books this account belongs to.'),
  key: z.string().min(1).describe('A restricted key that can read, from ${ENV}.'),
  api_url: z.url().optional().describe('Only for a stand-in; Stripe itself when absent.'),
  since: date.describe('Objects created before this day (UTC) are not read.'),
  settle_minutes: z
    .int()
    .min(1)
    .default(15)
    .describe('Objects show up in lists seconds after they are made; windows end this long ago.'),
  requests_per_second: z
    .int()
    .min(1)
    .max(1000)
    .default(15)
    .describe('Per endpoint. Stripe allows 25 in live mode; only a stand-in takes more than 100.'),
  metadata_prefix: z
    .string()
    .default('salesforce_')
    .describe('Of the keys that hold Salesforce ids: <prefix>order_id, <prefix>order_item_id.'),
  webhook_secret: z.string().min(1).optional().describe('Signing secret, from ${ENV}.'),
});

const salesforceSchema = z.strictObject({
  login_url: z.url().default('https://login.salesforce.com'),
  auth: z.discriminatedUnion('flow', [
    z.strictObject({
      flow: z.literal('jwt'),
      client_id: z.string().min(1),
      username: z.string().min(1),
      private_key: z.string().min(1).describe('PEM, from ${ENV}.'),
    }),
    z.strictObject({
      flow: z.literal('client_credentials'),
      client_id: z.string().min(1),
      client_secret: z.string().min(1).describe('From ${ENV}.'),
    }),
  ]),
  since: date.describe(
    'Records last changed before this day (UTC) are not read; users, accounts, products are.',
  ),
  entity: z
    .strictObject({
      field: z.string().min(1).describe('Field of Account that names the legal entity.'),
      values: z.record(z.string(), z.string()).describe('Its values, and the entity of each.'),
    })
    .describe('How a record finds its legal entity.'),
  fields: z
    .record(z.string(), z.string())
    .default({})
    .describe('Names of custom fields in this org: Account.stripe_customer_id and the like.'),
  removed_fields: z
    .array(z.string())
    .optional()
    .describe('Fields that the org has no more, as Object.Field: without them reading goes on.'),
  amount_basis: z.enum(['TCV', 'ACV', 'MRR']).default('TCV'),
  settle_minutes: z.int().min(1).default(10),
  api_calls_share: z
    .int()
    .min(1)
    .max(100)
    .default(80)
    .describe('Percent of the daily API calls after which reading stops.'),
});

/** A query of the warehouse, mapped on a table of the books by the names of its columns. */
const warehouseQuerySchema = z.strictObject({
  query: z.string().min(1).describe('One SELECT; its columns are those of the table.'),
  amount: identifier.optional().describe('Column that totals add up.'),
  currency: z.union([currency, z.strictObject({ column: identifier })]).optional(),
  may_be_empty: mayBeEmpty,
});

const warehouseSchema = z.strictObject({
  url: z.string().min(1).describe('Connection string of a role that can only read, from ${ENV}.'),
  statement_timeout_s: z.int().positive().default(600),
  watermark: z
    .string()
    .min(1)
    .optional()
    .describe('One SELECT that gives the instant through which the warehouse was loaded.'),
  entities: coveredEntities,
  tables: z.record(identifier, warehouseQuerySchema).describe('By the table of books they fill.'),
});

/** Every outside system that is read. */
export const sourcesSchema = z
  .strictObject({
    files: z.record(identifier, datasetSchema).default({}),
    stripe: z.record(identifier, stripeSchema).default({}),
    salesforce: z.record(identifier, salesforceSchema).default({}),
    warehouse: z.record(identifier, warehouseSchema).default({}),
  })
  .prefault({});

export type SourcesConfig = z.infer<typeof sourcesSchema>;
export type StripeConfig = z.infer<typeof stripeSchema>;
export type SalesforceConfig = z.infer<typeof salesforceSchema>;
export type WarehouseConfig = z.infer<typeof warehouseSchema>;

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
