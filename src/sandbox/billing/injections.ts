import type { Injection } from '../world/injection';
import { missingDocuments } from './injections/missing-documents';
import { missingNumbers } from './injections/missing-numbers';
import { unrealPayments } from './injections/unreal-payments';
import { unsoundCredits } from './injections/unsound-credits';
import { unsupportedBilling } from './injections/unsupported-billing';
import { wrongAmounts } from './injections/wrong-amounts';

/** Anomalies that befall what was billed and paid, in the order of their numbers. */
export const billingInjections: readonly Injection[] = [
  ...missingDocuments,
  ...missingNumbers,
  ...unsupportedBilling,
  ...wrongAmounts,
  ...unrealPayments,
  ...unsoundCredits,
].sort((a, b) => (a.id < b.id ? -1 : 1));
