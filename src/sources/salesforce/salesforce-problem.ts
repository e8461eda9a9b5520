import type { Problem } from '../../core/problem';

export type SalesforceProblemCode =
  | 'sign_in_refused'
  | 'object_hidden'
  | 'field_hidden'
  | 'object_unsortable'
  | 'view_all_missing'
  | 'view_all_unknown'
  | 'user_can_write'
  | 'rows_hidden'
  | 'calls_used_up'
  | 'clock_skewed'
  | 'currency_unknown';

/** What is wrong with the access to an org. */
export interface SalesforceProblem extends Problem {
  code: SalesforceProblemCode;
  /** An error keeps the object, or without one the whole org, from being read. */
  severity: 'error' | 'warning';
  object: string | null;
}

type Words = Pick<Problem, 'message' | 'remedy' | 'field'>;

const problem = (
  severity: SalesforceProblem['severity'],
  code: SalesforceProblemCode,
  object: string | null,
  words: Words,
): SalesforceProblem => ({ severity, code, object, ...words });

export const hiddenObject = (object: string): SalesforceProblem =>
  problem('error', 'object_hidden', object, {
    field: object,
    message: 'does not exist for this user.',
    remedy: `Give the integration user read permission on ${object}.`,
  });

export const hiddenField = (
  object: string,
  path: string,
  isConfigured: boolean,
): SalesforceProblem =>
  problem('error', 'field_hidden', object, {
    field: `${object}.${path}`,
    message: isConfigured
      ? 'is named in the configuration, and does not exist for this user.'
      : 'does not exist for this user.',
    remedy: `Give the integration user field-level read on it, or correct its name.`,
  });

export const unsortableObject = (object: string): SalesforceProblem =>
  problem('error', 'object_unsortable', object, {
    field: `${object}.Id`,
    message: 'cannot be filtered by, so no read of it could be continued or proven.',
    remedy: 'Ask Salesforce support why Id of this object is not filterable.',
  });

export const viewAllMissing = (): SalesforceProblem =>
  problem('error', 'view_all_missing', null, {
    message: 'The user has no View All Data: sharing hides records from queries and counts alike.',
    remedy: 'Assign a permission set with View All Data to the integration user.',
  });

export const viewAllUnknown = (): SalesforceProblem =>
  problem('warning', 'view_all_unknown', null, {
    message: 'What the user may see could not be asked: it reads no permission set of its own.',
    remedy: 'Give the user View Setup and Configuration, so that View All Data can be checked.',
  });

export const userCanWrite = (): SalesforceProblem =>
  problem('warning', 'user_can_write', null, {
    message: 'The user has Modify All Data; it only needs to read.',
    remedy: 'Take Modify All Data away from the integration user, and leave it View All Data.',
  });

export const rowsHidden = (object: string, seen: number, held: number): SalesforceProblem =>
  problem('warning', 'rows_hidden', object, {
    field: object,
    message: `shows this user ${seen} records, and the org counts about ${held}.`,
    remedy: 'Look for restriction rules or sharing that apply to the integration user.',
  });

export const callsUsedUp = (used: number, limit: number, share: number): SalesforceProblem =>
  problem('warning', 'calls_used_up', null, {
    message: `${used} of ${limit} daily API calls are used; reading stops at ${share} %.`,
    remedy: 'Wait, buy API calls, or raise api_calls_share.',
  });

export const clockSkewed = (seconds: number): SalesforceProblem =>
  problem('warning', 'clock_skewed', null, {
    message: `The clock of this machine and that of Salesforce are ${seconds} s apart.`,
    remedy: 'Synchronise the clock of this machine.',
  });

export const currencyUnknown = (): SalesforceProblem =>
  problem('error', 'currency_unknown', null, {
    message: 'The org has one currency and does not say which; the entities have several.',
    remedy: 'Configure the entities of this org alone, or let the user read CurrencyType.',
  });
