import { salesforceId } from '../kit/ids';
import type { Day } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Person } from '../truth/sold';

/** Whoever knows the people of the company: the roster. */
export interface People {
  people: readonly Person[];
}

/** The login that the billing integration works under; no person's. */
export const integrationUserId = salesforceId('User', 'integration');

/** The queue through which the deal desk approves. */
export const dealDeskGroupId = salesforceId('Group', 'deal desk');

/** Roles in the order of their authority over deals. */
const ladder: readonly Person['role'][] = ['rep', 'sales_manager', 'deal_desk', 'controller'];

export const isEmployed = (person: Person, day: Day): boolean =>
  person.startedOn <= day && (person.terminatedOn === null || person.terminatedOn > day);

/** The login that a person works with. Throws RangeError when they have none. */
export function userIdOf(person: Person): string {
  const [id] = person.userIds;
  if (id === undefined) throw new RangeError(`${person.key} has no Salesforce user`);
  return id;
}

/** Those with a login who hold a role on a day, by key. */
export const holdersOf = (role: Person['role'], day: Day, { people }: People): Person[] =>
  people
    .filter((p) => p.role === role && p.userIds.length > 0 && isEmployed(p, day))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

/** One of those who hold the role on a day, or the next role above where nobody does. */
export function someoneAs(
  role: Person['role'],
  day: Day,
  staff: People,
  random: KeyedRandom,
  not: readonly string[] = [],
): Person {
  const rung = ladder.indexOf(role);
  for (const candidate of rung < 0 ? [role] : ladder.slice(rung)) {
    const holders = holdersOf(candidate, day, staff).filter(({ key }) => !not.includes(key));
    if (holders.length > 0) return random.pick(holders);
  }
  throw new RangeError(`nobody acts as ${role} on ${day}`);
}

/** Who acts for a person on a day: they themselves while employed, else their manager. */
export function actingFor(person: Person, day: Day, staff: People, random: KeyedRandom): Person {
  if (isEmployed(person, day)) return person;
  const manager = staff.people.find(({ key }) => key === person.managerKey);
  if (manager && manager.userIds.length > 0 && isEmployed(manager, day)) return manager;
  return someoneAs(person.role, day, staff, random, [person.key]);
}
