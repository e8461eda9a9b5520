/**
 * Who may do what: one table, asked by the guard in front of every route, by the command line and,
 * for what two people must do, again by the database. Nothing else decides by role.
 */
export const roles = [
  'viewer',
  'preparer',
  'reviewer',
  'control_author',
  'auditor',
  'admin',
] as const;
export type Role = (typeof roles)[number];

/** entity: each record belongs to one. company: it concerns all, so writing needs them all. */
type Span = 'entity' | 'company';

interface Rule {
  span: Span;
  roles: readonly Role[];
  /** What a token that is nobody's must hold; null: a person's decision, never a machine's. */
  machine: 'read' | 'write' | null;
  /** Changes something, so a read token may not. */
  writes: boolean;
}

const readers = roles;
const workers: readonly Role[] = ['preparer', 'reviewer', 'control_author'];

const read = (span: Span, allowed: readonly Role[] = readers): Rule => ({
  span,
  roles: allowed,
  machine: 'read',
  writes: false,
});
const privateRead = (span: Span, allowed: readonly Role[]): Rule => ({
  ...read(span, allowed),
  machine: null,
});
const decision = (span: Span, ...allowed: Role[]): Rule => ({
  span,
  roles: allowed,
  machine: null,
  writes: true,
});

/** Every action there is. A route names one; a route without one is refused at start. */
export const permissions = {
  'controls.read': read('company'),
  'controls.submit': decision('company', 'control_author'),
  'controls.approve': decision('company', 'reviewer'),
  'controls.replay': decision('company', 'control_author', 'reviewer'),
  'sources.read': read('company'),
  'sources.sync': { span: 'company', roles: workers, machine: 'write', writes: true },
  'runs.read': read('entity'),
  'runs.request': { span: 'entity', roles: workers, machine: 'write', writes: true },
  'evidence.read': read('entity'),
  'exceptions.read': read('entity'),
  'exceptions.discuss': decision('entity', 'preparer', 'reviewer'),
  'exceptions.work': decision('entity', 'preparer'),
  'exceptions.review': decision('entity', 'reviewer'),
  'reconciling_items.read': read('entity'),
  'reconciling_items.create': decision('entity', 'preparer'),
  'reconciling_items.approve': decision('entity', 'reviewer'),
  'signoff.read': read('entity'),
  'signoff.prepare': decision('entity', 'preparer'),
  'signoff.review': decision('entity', 'reviewer'),
  /** What the route asks; which of the two steps it is, is asked again with the order. */
  'signoff.prepare_or_review': decision('entity', 'preparer', 'reviewer'),
  'audit.read': privateRead('entity', ['reviewer', 'auditor', 'admin']),
  'people.names': privateRead('company', roles),
  'people.read': privateRead('company', ['admin']),
  'people.manage': decision('company', 'admin'),
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof permissions;
export const actions = Object.keys(permissions) as Action[];

/** A role somebody holds: for one entity or, with null, for every one. */
export interface Grant {
  role: Role;
  entity: string | null;
  /** An auditor's window: only periods that lie in [start, end). */
  window: { start: string; end: string } | null;
}

/** One stretch of what a caller may see or change. */
export interface ReachPart {
  /** null: every entity. */
  entity: string | null;
  /** 'YYYY-MM-DD'; null: without limit. Periods lie in [from, to). */
  from: string | null;
  to: string | null;
}

/** How far an action reaches for a caller: the union of its parts; empty when not at all. */
export type Reach = readonly ReachPart[];

export const wholeReach: Reach = [{ entity: null, from: null, to: null }];

/** A caller as the table sees one. */
export type Holder =
  | { kind: 'person'; grants: readonly Grant[]; scope: 'read' | 'write'; only: string | null }
  | { kind: 'machine'; scope: 'read' | 'write'; only: string | null };

/**
 * How far an action reaches for somebody. `only` is the one entity a token is held to. What is
 * written for the company as a whole needs a role that is held for every entity.
 */
export function reachOf(holder: Holder, action: Action): Reach {
  const rule: Rule = permissions[action];
  if (rule.writes && holder.scope !== 'write') return [];
  if (holder.kind === 'machine') {
    const { only } = holder;
    const may = rule.machine === 'read' || (rule.machine === 'write' && holder.scope === 'write');
    return may && !(rule.writes && rule.span === 'company' && only !== null)
      ? [{ entity: only, from: null, to: null }]
      : [];
  }
  const parts = holder.grants
    .filter(({ role }) => rule.roles.includes(role))
    .filter(({ entity }) => holder.only === null || entity === null || entity === holder.only)
    .map(({ entity, window }): ReachPart => {
      const held = holder.only ?? entity;
      return { entity: held, from: window?.start ?? null, to: window?.end ?? null };
    });
  if (rule.span === 'entity') return parts;
  return rule.writes ? parts.filter(({ entity }) => entity === null) : parts;
}

/** Whether a record of an entity and a period lies within a reach. */
export function covers(
  reach: Reach,
  record: { entity: string; period?: { start: string; end: string } },
): boolean {
  return reach.some(({ entity, from, to }) => {
    if (entity !== null && entity !== record.entity) return false;
    if (from === null || to === null) return true;
    return record.period !== undefined && record.period.start >= from && record.period.end <= to;
  });
}

/** Roles that one person may not hold at once: who grants roles decides no finding. */
export function conflictOf(held: readonly Role[], wanted: Role): Role | null {
  const apart: Record<Role, readonly Role[]> = {
    viewer: [],
    preparer: ['admin', 'auditor'],
    reviewer: ['admin', 'auditor'],
    control_author: ['admin', 'auditor'],
    auditor: ['admin', ...workers],
    admin: ['auditor', ...workers],
  };
  return held.find((role) => apart[wanted].includes(role)) ?? null;
}
