import { salesforceMappings } from './salesforce/mapping/salesforce-mappings';
import { firstOfAll, salesforceObjects } from './salesforce/salesforce-objects';
import { stripeMappings } from './stripe/mapping/stripe-mappings';
import { stripeBegan } from './stripe/plan-windows';
import { streamOf } from './stripe/streams';

/** A kind of object of an outside system that becomes rows of a table. */
export interface TableStream {
  source: 'stripe' | 'salesforce';
  object: string;
  /** An org or account may do without it: never read, it holds nothing up. */
  isOptional: boolean;
  /** The day it is read from whatever the source's `since` is; null where that holds. */
  readSince: string | null;
}

/** Cut out of what carries them: no list of their own is read, those of the others prove them. */
const carriers: Readonly<Record<string, readonly string[]>> = {
  discount: ['subscription', 'invoice', 'invoiceitem'],
};

/** Read only where other objects name one: an account without them has no windows. */
const readByName: ReadonlySet<string> = new Set([
  'payment_record',
  'billing.credit_balance_transaction',
  'customer_balance_transaction',
  'billing.meter_event_summary',
]);

const objectsByName = new Map(salesforceObjects.map((object) => [object.name, object]));

/** Everything whose objects become rows of a table of the books, by its plural name. */
export function streamsOfTable(table: string): TableStream[] {
  const stripe = stripeMappings
    .filter(({ tables }) => tables.includes(table))
    .flatMap(({ object }) => carriers[object] ?? [object])
    .map((object) => ({
      ...{ source: 'stripe' as const, object },
      isOptional: readByName.has(object),
      readSince: streamOf(object)?.changes === 'always' ? stripeBegan : null,
    }));
  const salesforce = salesforceMappings
    .filter(({ tables }) => tables.includes(table))
    .map(({ object }) => ({
      ...{ source: 'salesforce' as const, object },
      isOptional: objectsByName.get(object)?.isOptional === true,
      readSince: objectsByName.get(object)?.isMaster === true ? firstOfAll : null,
    }));
  return [...stripe, ...salesforce];
}
