import { salesforceId } from '../../kit/ids';
import type { Person } from '../../truth/sold';

/** A system permission of a profile or permission set. */
export type SystemPermission =
  'ModifyAllData' | 'ViewAllData' | 'ManageUsers' | 'AuthorApex' | 'CustomizeApplication';

export const systemPermissions: readonly SystemPermission[] = [
  'ModifyAllData',
  'ViewAllData',
  'ManageUsers',
  'AuthorApex',
  'CustomizeApplication',
];

/** What may be done to the records of an object; 'crem' is create, read, edit and more. */
interface ObjectAccess {
  object: string;
  create: boolean;
  edit: boolean;
  delete: boolean;
}

export interface AccessSet {
  name: string;
  label: string;
  /** A profile's own permissions appear as a permission set of that profile. */
  isProfile: boolean;
  system: readonly SystemPermission[];
  objects: readonly ObjectAccess[];
}

const may = (object: string, what: string): ObjectAccess => ({
  object,
  create: what.includes('c'),
  edit: what.includes('e'),
  delete: what.includes('d'),
});

const profile = (
  label: string,
  objects: readonly ObjectAccess[],
  system: readonly SystemPermission[] = [],
): AccessSet => ({ name: label.replaceAll(' ', '_'), label, isProfile: true, system, objects });

const set = (label: string, objects: readonly ObjectAccess[]): AccessSet => ({
  ...{ name: label.replaceAll(' ', '_'), label, isProfile: false, system: [], objects },
});

/**
 * Who may do what. No profile or set holds both ends of a pair that must be apart: orders are made
 * by the integration and activated by revenue operations, discounts are approved by others.
 */
export const accessSets: readonly AccessSet[] = [
  profile(
    'System Administrator',
    [may('Order', 'ced'), may('Opportunity', 'ced')],
    [...systemPermissions],
  ),
  profile('Sales User', [may('Opportunity', 'ce'), may('SBQQ__Quote__c', 'ce')]),
  profile('Sales Manager', [may('Opportunity', 'ce'), may('SBQQ__Quote__c', 'ce')]),
  profile('Deal Desk', [may('SBQQ__Quote__c', 'e')]),
  profile('Revenue Operations', [may('Order', 'e'), may('Contract', 'e')]),
  profile('Finance', [may('Contract', 'e')], ['ViewAllData']),
  profile('Support', []),
  profile('Salesforce API Only', [may('Order', 'ce'), may('Account', 'e')], ['ViewAllData']),
  set('Discount Approver', [may('Discount_Approval__c', 'e')]),
  set('Order Activation', [may('Order', 'e')]),
  set('Credit Request Creator', [may('Credit_Request__c', 'ce')]),
  set('Credit Request Approver', [may('Credit_Approval__c', 'ce')]),
  set('Price Book Manager', [may('PricebookEntry', 'ce')]),
];

/** The profile of a role's users and the sets assigned to them beside it. */
export const accessOfRole: Readonly<Record<Person['role'], readonly [string, readonly string[]]>> =
  {
    rep: ['Sales User', []],
    sales_manager: ['Sales Manager', ['Discount Approver']],
    deal_desk: ['Deal Desk', ['Discount Approver']],
    revenue: ['Revenue Operations', ['Order Activation', 'Credit Request Approver']],
    controller: ['Finance', ['Discount Approver']],
    support: ['Support', ['Credit Request Creator']],
    engineer: ['System Administrator', []],
  };

/** The profile of a second login: what its person did in a former role. */
export const formerProfile = 'Sales User';

export const profileIdOf = (label: string): string => salesforceId('Profile', label);

export const permissionSetIdOf = (label: string): string => salesforceId('PermissionSet', label);

export const assignmentIdOf = (userId: string, label: string): string =>
  salesforceId('PermissionSetAssignment', userId, label);
