import { systemUsers } from '../../company/people';
import { salesforceId } from '../../kit/ids';
import { addDays, HOUR, startOfUtcDay, weekday, type Day, type Instant } from '../../kit/instants';
import { KeyedRandom } from '../../kit/keyed-random';
import type { Person } from '../../truth/sold';
import type { SalesforceRecord } from '../../world/records';
import {
  accessOfRole,
  accessSets,
  assignmentIdOf,
  formerProfile,
  permissionSetIdOf,
  profileIdOf,
  systemPermissions,
  type AccessSet,
} from './org-access';
import { recordOf, restInstant, setupFields, type FieldValue } from './salesforce-values';

/** The org itself was set up on this day, by its first administrator. */
export const orgCreatedOn: Day = '2018-11-05';

/** The first engineer, who administers the org. Throws RangeError where there is none. */
export function administratorOf(people: readonly Person[]): string {
  const [first] = people.filter(({ role }) => role === 'engineer');
  const id = first?.userIds[0];
  if (id === undefined) throw new RangeError('nobody administers the org');
  return id;
}

const roleLabels: Readonly<Record<Person['role'], string>> = {
  rep: 'Account Executive',
  sales_manager: 'Sales Manager',
  deal_desk: 'Deal Desk',
  revenue: 'Revenue Operations',
  controller: 'Controller',
  support: 'Support',
  engineer: 'Business Systems',
};

const roleIdOf = (label: string): string => salesforceId('UserRole', label);

/** Users, their roles, and what they may do. */
export function* renderOrgUsers(people: readonly Person[]): Iterable<SalesforceRecord> {
  const admin = administratorOf(people);
  const setup = setupFields({ createdAt: startOfUtcDay(orgCreatedOn), createdBy: admin });
  for (const label of Object.values(roleLabels))
    yield recordOf('UserRole', roleIdOf(label), {
      ...{ Name: label, ParentRoleId: null, LastModifiedDate: setup.LastModifiedDate ?? null },
      ...{ LastModifiedById: admin, SystemModstamp: setup.SystemModstamp ?? null },
    });
  for (const access of accessSets) yield* accessRecords(access, setup);
  for (const person of people) yield* personRecords(person, admin);
  for (const user of systemUsers) {
    const isIntegration = user.kind === 'integration';
    const label = isIntegration ? 'Salesforce API Only' : 'System Administrator';
    const at = startOfUtcDay(user.createdOn);
    yield recordOf('User', user.userId, {
      ...{ Username: user.login, Name: user.name, Email: user.login, FederationIdentifier: null },
      ...{ EmployeeNumber: null, IsActive: true, ProfileId: profileIdOf(label), UserRoleId: null },
      ...{ UserType: 'Standard', LastLoginDate: null },
      ...setupFields({ createdAt: at, createdBy: admin }),
    });
    yield assignment(user.userId, label, at);
  }
}

function* accessRecords(
  access: AccessSet,
  setup: Record<string, FieldValue>,
): Iterable<SalesforceRecord> {
  const { label, isProfile } = access;
  if (isProfile)
    yield recordOf('Profile', profileIdOf(label), {
      ...{ Name: label, UserType: 'Standard', ...setup },
    });
  yield recordOf('PermissionSet', permissionSetIdOf(label), {
    ...{ Name: isProfile ? `X${profileIdOf(label)}` : access.name, Label: label },
    ...{ IsOwnedByProfile: isProfile, ProfileId: isProfile ? profileIdOf(label) : null },
    ...Object.fromEntries(
      systemPermissions.map((name) => [`Permissions${name}`, access.system.includes(name)]),
    ),
    ...setup,
  });
  for (const { object, ...can } of access.objects)
    yield recordOf('ObjectPermissions', salesforceId('ObjectPermissions', label, object), {
      ...{ ParentId: permissionSetIdOf(label), SobjectType: object, PermissionsRead: true },
      ...{ PermissionsCreate: can.create, PermissionsEdit: can.edit },
      ...{ PermissionsDelete: can.delete, PermissionsViewAllRecords: can.delete },
      ...{ PermissionsModifyAllRecords: can.delete, ...setup },
    });
}

/** A login is made on the first day and closed, its sets taken away, on the last. */
function* personRecords(person: Person, admin: string): Iterable<SalesforceRecord> {
  const [ownProfile, sets] = accessOfRole[person.role];
  const createdAt = startOfUtcDay(person.startedOn) + 16 * HOUR;
  const isActive = person.terminatedOn === null;
  const closedAt = isActive ? createdAt : startOfUtcDay(person.terminatedOn ?? '') + 22 * HOUR;
  for (const [i, userId] of person.userIds.entries()) {
    const label = i === 0 ? ownProfile : formerProfile;
    const suffix = i === 0 ? '' : `.${String(i + 1)}`;
    yield recordOf('User', userId, {
      ...{ Username: `${person.key}${suffix}@northwind.example`, Name: person.name },
      ...{ Email: person.email, FederationIdentifier: person.email },
      ...{ EmployeeNumber: person.hrId, IsActive: isActive, ProfileId: profileIdOf(label) },
      ...{ UserRoleId: roleIdOf(roleLabels[person.role]), UserType: 'Standard' },
      LastLoginDate: null,
      ...setupFields({
        ...{ createdAt, createdBy: admin, modifiedAt: closedAt, modifiedBy: admin },
      }),
    });
    for (const set of [label, ...(i === 0 && isActive ? sets : [])])
      yield assignment(userId, set, createdAt);
  }
}

export const assignment = (userId: string, label: string, at: Instant): SalesforceRecord =>
  recordOf('PermissionSetAssignment', assignmentIdOf(userId, label), {
    ...{ AssigneeId: userId, PermissionSetId: permissionSetIdOf(label) },
    ...{ PermissionSetGroupId: null, ExpirationDate: null, SystemModstamp: restInstant(at) },
  });

/** Login history is kept half a year. */
export const keptDays = 183;

/** Logins of people on working days, and of the integration every day at the same time. */
export function* renderLogins(
  people: readonly Person[],
  seed: string,
  today: Day,
): Iterable<SalesforceRecord> {
  for (let day = addDays(today, -keptDays); day < today; day = addDays(day, 1)) {
    for (const { key, userIds, startedOn, terminatedOn } of people) {
      const random = KeyedRandom.of(seed, 'login', key, day);
      const employed = startedOn <= day && (terminatedOn === null || terminatedOn > day);
      const [userId] = userIds;
      if (!employed || weekday(day) > 4 || userId === undefined || !random.chance(0.5)) continue;
      const at = startOfUtcDay(day) + random.int(14 * HOUR, 22 * HOUR);
      const ip = `198.51.100.${String(random.int(2, 250))}`;
      yield login(userId, at, { type: 'SAML Sfdc Initiated SSO', ip, application: 'Browser' });
    }
    for (const { kind, userId } of systemUsers)
      if (kind === 'integration')
        yield login(userId, startOfUtcDay(day) + 2 * HOUR, {
          ...{ type: 'Remote Access 2.0', ip: '203.0.113.7', application: 'Billing Integration' },
        });
  }
}

const login = (
  userId: string,
  at: Instant,
  from: { type: string; ip: string; application: string },
): SalesforceRecord =>
  recordOf('LoginHistory', salesforceId('LoginHistory', userId, at), {
    ...{ UserId: userId, LoginTime: restInstant(at), LoginType: from.type, SourceIp: from.ip },
    ...{ Status: 'Success', Application: from.application },
  });
