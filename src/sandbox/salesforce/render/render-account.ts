import type { MergedAccount } from '../../truth/sold';
import type { CustomerWorld } from '../../world/customer-world';
import type { SalesforceRecord } from '../../world/records';
import { integrationUserId } from '../../sales/sales-team';
import type { SalesRecordContext } from './sales-record-context';
import { auditFields, recordOf } from './salesforce-values';

const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });

/**
 * The account, last touched when the Stripe customer was written to it; its duplicates. A customer
 * in another currency has the account of the first, which names that one alone (L43).
 */
export function* renderAccounts(
  world: CustomerWorld,
  context: SalesRecordContext,
): Iterable<SalesforceRecord> {
  const { customer } = world;
  if (customer.sisterOf !== undefined) return;
  const [first] = [...context.deals].sort((a, b) => a.createdAt - b.createdAt);
  const owner = first?.ownerId ?? integrationUserId;
  const linked = context.deals
    .flatMap(({ orders }) => orders)
    .map(({ activatedAt }) => activatedAt)
    .filter((at) => at !== null)
    .sort((a, b) => a - b)[0];
  yield recordOf('Account', context.accountId, {
    ...{ Name: customer.name, ...placeOf(context), OwnerId: owner, MasterRecordId: null },
    Type: linked === undefined ? 'Prospect' : 'Customer',
    Stripe_Customer_Id__c: linked === undefined ? null : customer.stripeId,
    Tax_Id__c: customer.taxStatus === 'eu_reverse_charge' ? `${customer.country}-VAT` : null,
    Legal_Entity__c: customer.entity,
    ...auditFields({
      ...{ createdAt: customer.arrivedAt, createdBy: owner, modifiedAt: linked },
      modifiedBy: linked === undefined ? owner : integrationUserId,
    }),
  });
  for (const merged of world.sold.mergedAccounts ?? []) yield renderMerged(merged, context);
}

const placeOf = ({ customer }: SalesRecordContext): Record<string, string | null> => ({
  ParentId: null,
  BillingCountry: countryNames.of(customer.country) ?? customer.country,
  BillingCountryCode: customer.country,
  CurrencyIsoCode: customer.currency,
});

/** The losing record of a merge is deleted and names its master (CONTROLS §1.1). */
function renderMerged(merged: MergedAccount, context: SalesRecordContext): SalesforceRecord {
  const isMerged = merged.mergedAt !== null;
  return recordOf('Account', merged.accountId, {
    ...{ Name: merged.name, ...placeOf(context), OwnerId: merged.createdBy, Type: 'Prospect' },
    MasterRecordId: isMerged ? context.accountId : null,
    ...{ Stripe_Customer_Id__c: null, Tax_Id__c: null, Legal_Entity__c: context.customer.entity },
    ...auditFields({
      ...{ createdAt: merged.createdAt, createdBy: merged.createdBy, isDeleted: isMerged },
      ...(merged.mergedAt === null
        ? {}
        : { modifiedAt: merged.mergedAt, modifiedBy: merged.mergedBy }),
    }),
  });
}
