import { conflictOf, type Grant, type Role } from './permissions';

/** What membership in a group of the identity provider gives. */
export interface GroupRule {
  group: string;
  role: Role;
  /** null: every entity. */
  entity: string | null;
  /** An auditor's. */
  window: { start: string; end: string } | null;
  /** The first instant at which it gives nothing any more; an auditor's. */
  expiresAt: string | null;
}

/** A role that the groups give, and one of the groups that do. */
export interface WantedRole extends Grant {
  expiresAt: string | null;
  group: string;
}

/** A role that somebody holds already, and who gave it. */
export interface HeldRole extends Grant {
  id: string;
  origin: 'local' | 'oidc';
}

export interface RolePlan {
  give: WantedRole[];
  /** Given by groups that the person has left. */
  take: HeldRole[];
  /** Roles that may not be held together; nothing is given then. */
  conflict: readonly [Role, Role] | null;
  /** Roles that are held once the plan is carried out. */
  held: number;
}

/** What the groups of a person give at an instant, each role once. */
export function rolesOfGroups(
  rules: readonly GroupRule[],
  isMember: (rule: GroupRule) => boolean,
  now: string,
): WantedRole[] {
  const wanted = new Map<string, WantedRole>();
  for (const rule of rules) {
    const { group, role, entity, window, expiresAt } = rule;
    if (!isMember(rule) || (expiresAt !== null && expiresAt <= now)) continue;
    const one = { role, entity, window, expiresAt, group };
    if (!wanted.has(identityOf(one))) wanted.set(identityOf(one), one);
  }
  return [...wanted.values()];
}

/**
 * What must change so that somebody holds what their groups give. What was given by hand stays. Who
 * left a group loses its roles also when what they would be given is in conflict.
 */
export function planRoles(held: readonly HeldRole[], wanted: readonly WantedRole[]): RolePlan {
  const wantedIds = new Set(wanted.map(identityOf));
  const fromGroups = held.filter(({ origin }) => origin === 'oidc');
  const take = fromGroups.filter((one) => !wantedIds.has(identityOf(one)));
  const kept = held.filter((one) => !take.includes(one));
  const have = new Set(kept.filter(({ origin }) => origin === 'oidc').map(identityOf));
  const give = wanted.filter((one) => !have.has(identityOf(one)));
  const roles = kept.map(({ role }) => role);
  for (const { role } of give) {
    const other = conflictOf(roles, role);
    if (other !== null) return { give: [], take, conflict: [other, role], held: kept.length };
    roles.push(role);
  }
  return { give, take, conflict: null, held: roles.length };
}

const identityOf = ({ role, entity, window }: Grant): string =>
  JSON.stringify([role, entity, window?.start ?? null, window?.end ?? null]);
