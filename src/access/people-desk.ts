import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { conflictOf, type Role } from '../core/permissions';
import { InvalidInput, Refusal, type Problem } from '../core/problem';
import type { Clock } from '../platform/clock';
import { recordChange, type Actor } from './audit-trail';
import { PeopleStore, type KnownPerson } from './people.store';
import { SessionsStore } from './sessions.store';

export interface GrantOrder {
  role: Role;
  /** null: every entity. */
  entity: string | null;
  window?: { start: string; end: string } | undefined;
  expiresAt?: string | undefined;
  reason: string;
}

/** Adds people, and gives and takes roles; each change stands in the audit trail. */
export class PeopleDesk {
  private readonly people = new PeopleStore();
  private readonly sessions: SessionsStore;

  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly entities: readonly { id: string }[],
  ) {
    this.sessions = new SessionsStore(app);
  }

  /** Throws Refusal `conflict` when the address is somebody's already. */
  add(person: { email: string; name: string }, actor: Actor): Promise<string> {
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const email = person.email.toLowerCase();
      if ((await this.people.find(trx, { email }, at)) !== undefined)
        throw new Refusal('conflict', `${email} is known already.`);
      const id = randomUUID();
      await this.people.insert(trx, { id, email, name: person.name, at });
      const subject = { kind: 'person', id };
      const facts = { email, name: person.name };
      await recordChange(trx, { at, actor, action: 'people.added', subject, facts });
      return id;
    });
  }

  /** Throws Refusal when nobody may give this role, or InvalidInput when it is not whole. */
  grant(personId: string, order: GrantOrder, actor: Actor): Promise<string> {
    const at = this.clock.now();
    this.refuseUnusable(order, at);
    return this.app.transaction(async (trx) => {
      const person = await this.known(trx, personId, at);
      if (actor.personId === personId)
        throw new Refusal('same_person', 'Nobody gives a role to themselves.');
      const held = person.grants.map(({ role }) => role);
      const conflict = conflictOf(held, order.role);
      if (conflict !== null)
        throw new Refusal(
          'conflict',
          `${person.email} is ${conflict}, who may not be ${order.role} as well.`,
        );
      const id = randomUUID();
      const { role, entity, window, expiresAt } = order;
      const facts = {
        email: person.email,
        role,
        window: window ?? null,
        expires_at: expiresAt ?? null,
      };
      const subject = { kind: 'person', id: personId };
      const event = await recordChange(trx, {
        at,
        actor,
        action: 'people.role_given',
        subject,
        entity,
        reason: order.reason,
        facts,
      });
      await this.people.grant(trx, {
        id,
        personId,
        role,
        entity,
        window: window ?? null,
        expiresAt: expiresAt ?? null,
        origin: 'local',
        at,
        grantedBy: actor.personId,
        event,
      });
      return id;
    });
  }

  revoke(personId: string, grantId: string, reason: string, actor: Actor): Promise<void> {
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const person = await this.known(trx, personId, at);
      const grant = person.grants.find(({ id }) => id === grantId);
      if (grant === undefined) throw new Refusal('not_found', 'There is no such role to take.');
      const event = await recordChange(trx, {
        at,
        actor,
        action: 'people.role_taken',
        subject: { kind: 'person', id: personId },
        entity: grant.entity,
        reason,
        facts: { email: person.email, role: grant.role },
      });
      await this.people.revoke(trx, { id: grantId, personId, at, event });
    });
  }

  /** Ends every session of somebody who is disabled. */
  setDisabled(personId: string, disabled: boolean, reason: string, actor: Actor): Promise<void> {
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const person = await this.known(trx, personId, at);
      if (actor.personId === personId)
        throw new Refusal('same_person', 'Nobody disables or enables themselves.');
      if (person.disabled === disabled) return;
      await this.people.setDisabled(trx, personId, disabled ? at : null);
      if (disabled) await this.sessions.endAllOf(trx, personId, at);
      await recordChange(trx, {
        at,
        actor,
        action: disabled ? 'people.disabled' : 'people.enabled',
        subject: { kind: 'person', id: personId },
        reason,
        facts: { email: person.email },
      });
    });
  }

  private async known(trx: Knex.Transaction, id: string, at: string): Promise<KnownPerson> {
    const person = await this.people.find(trx, { id }, at);
    if (person === undefined) throw new Refusal('not_found', `There is no person ${id}.`);
    return person;
  }

  private refuseUnusable({ role, entity, window, expiresAt }: GrantOrder, at: string): void {
    const problems: Problem[] = [];
    const add = (field: string, message: string, remedy: string): void => {
      problems.push({ field, message, remedy });
    };
    if (entity !== null && !this.entities.some(({ id }) => id === entity))
      add('entity', `'${entity}' is no entity of tieout.yaml.`, 'Name one, or null for all.');
    if ((role === 'auditor') !== (window !== undefined))
      add('window_start', 'belongs to the role auditor, and to no other.', 'Give both days there.');
    if (window !== undefined && window.end <= window.start)
      add('window_end', 'is not after window_start.', 'Give the first day after the window.');
    if (role === 'auditor' && expiresAt === undefined)
      add('expires_at', 'is missing; an audit ends.', 'Say until when the auditor may look.');
    if (expiresAt !== undefined && expiresAt <= at)
      add('expires_at', 'has passed.', 'Give an instant to come.');
    if (problems.length > 0) throw new InvalidInput('grant', problems);
  }
}
