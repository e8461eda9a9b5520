import type { Caller } from '../../src/access/caller';
import type { Grant } from '../../src/core/permissions';
import { addPerson } from '../api/signed-in';
import type { TestDatabase } from './database';

type Held = Pick<Grant, 'role' | 'entity'>;

/** Who may do different things with what is of acme: by halves, both, elsewhere, and none. */
const cast: Held[][] = [
  [{ role: 'preparer', entity: 'acme' }],
  [
    { role: 'preparer', entity: null },
    { role: 'reviewer', entity: null },
  ],
  [{ role: 'reviewer', entity: 'acme' }],
  [{ role: 'reviewer', entity: 'other' }],
  [{ role: 'admin', entity: null }],
];

/** People of the cast, in its order, as the guard would hand them on. */
export async function castOf(database: TestDatabase): Promise<Caller[]> {
  const people: Caller[] = [];
  for (const roles of cast) {
    const { id, email } = await addPerson(database, ...roles);
    const grants = roles.map((one): Grant => ({ ...one, window: null }));
    people.push({
      kind: 'person',
      actor: { name: `person:${email}`, personId: id, via: 'session' },
      person: { id, email, name: email },
      grants,
      holder: { kind: 'person', grants, scope: 'write', only: null },
      session: null,
      csrfToken: null,
    });
  }
  return people;
}
