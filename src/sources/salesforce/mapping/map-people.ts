import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  bookDateOf,
  flagOf,
  idOf,
  instantOf,
  nullableIdOf,
  openRecord,
  optionalFlagOf,
  optionalIdOf,
  optionalInstantOf,
  type SalesforceContext,
} from './salesforce-values';

export const mapUser: ObjectMapping<SalesforceContext> = {
  object: 'User',
  tables: ['app_users'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const user = {
      app: 'salesforce',
      user_id: idOf(reader, 'Id'),
      entity_id: context.entityId,
      // What HR knows the person by, where the org keeps it.
      person_id:
        reader.optionalText('EmployeeNumber') ?? reader.optionalText('FederationIdentifier'),
      login: reader.text('Username'),
      is_active: flagOf(reader, 'IsActive'),
      user_type: reader.optionalText('UserType'),
      profile_id: optionalIdOf(reader, 'ProfileId'),
      role_id: optionalIdOf(reader, 'UserRoleId'),
      role_name: reader.optionalObject('UserRole')?.optionalText('Name') ?? null,
      last_login_at: optionalInstantOf(reader, 'LastLoginDate'),
      created_at: optionalInstantOf(reader, 'CreatedDate'),
    };
    return { app_users: [user] };
  },
};

/** What a user may do, by the set that grants it; a profile's rights are a set that it owns. */
export const mapPermissionSetAssignment: ObjectMapping<SalesforceContext> = {
  object: 'PermissionSetAssignment',
  tables: ['app_entitlements'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const set = reader.optionalObject('PermissionSet');
    const group = optionalIdOf(reader, 'PermissionSetGroupId');
    const ofProfile = set && optionalFlagOf(set, 'IsOwnedByProfile');
    const entitlement = {
      app: 'salesforce',
      user_id: idOf(reader, 'AssigneeId'),
      entitlement: set?.optionalText('Name') ?? idOf(reader, 'PermissionSetId'),
      via: group ?? (ofProfile === true ? 'profile' : `assignment ${raw.objectId}`),
      entity_id: context.entityId,
      granted_at: optionalInstantOf(reader, 'SystemModstamp'),
      expires_at: optionalInstantOf(reader, 'ExpirationDate'),
    };
    return { app_entitlements: [entitlement] };
  },
};

/** A change of the org's setup. */
export const mapSetupAuditTrail: ObjectMapping<SalesforceContext> = {
  object: 'SetupAuditTrail',
  tables: ['config_changes'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const changed = instantOf(reader, 'CreatedDate');
    const change = {
      app: 'salesforce',
      change_id: idOf(reader, 'Id'),
      entity_id: context.entityId,
      action: reader.text('Action'),
      object_ref: reader.optionalText('Section'),
      after: reader.holds('Display') ? { json: { display: reader.text('Display') } } : null,
      actor_user_id: nullableIdOf(reader, 'CreatedById'),
      delegate_user: reader.optionalText('DelegateUser'),
      changed_at: changed,
      changed_on: bookDateOf(changed, context),
    };
    return { config_changes: [change] };
  },
};
