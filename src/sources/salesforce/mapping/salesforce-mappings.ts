import type { ObjectMapping } from '../../../books/mapping';
import { mapAccount } from './map-account';
import { mapProcessInstance, mapProcessInstanceStep } from './map-approval';
import { mapContract } from './map-contract';
import { mapCpqQuote, mapCpqQuoteLine, mapCpqSubscription } from './map-cpq';
import {
  mapContractHistory,
  mapOpportunityFieldHistory,
  mapOpportunityHistory,
  mapOrderHistory,
  mapOrderItemHistory,
} from './map-history';
import { mapOpportunity } from './map-opportunity';
import { mapOpportunityLine } from './map-opportunity-line';
import { mapOrder } from './map-order';
import { mapOrderItem } from './map-order-item';
import { mapPermissionSetAssignment, mapSetupAuditTrail, mapUser } from './map-people';
import { mapDatedConversionRate, mapPricebookEntry, mapProduct } from './map-product';
import type { SalesforceContext } from './salesforce-values';

/** Raised whenever a mapping gives other rows than before: all records are then derived again. */
export const salesforceMappingVersion = 'salesforce-2';

/** Every object of Salesforce that becomes rows of the books. */
export const salesforceMappings: readonly ObjectMapping<SalesforceContext>[] = [
  mapAccount,
  mapOpportunity,
  mapOpportunityLine,
  mapOpportunityHistory,
  mapOpportunityFieldHistory,
  mapCpqQuote,
  mapCpqQuoteLine,
  mapCpqSubscription,
  mapOrder,
  mapOrderItem,
  mapOrderHistory,
  mapOrderItemHistory,
  mapContract,
  mapContractHistory,
  mapProcessInstance,
  mapProcessInstanceStep,
  mapUser,
  mapPermissionSetAssignment,
  mapSetupAuditTrail,
  mapProduct,
  mapPricebookEntry,
  mapDatedConversionRate,
];
