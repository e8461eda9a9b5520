import { covers, type Reach } from '../core/permissions';
import { Refusal } from '../core/problem';

/** An entity beyond reach is answered as one that does not exist. */
export function requireEntity(reach: Reach, entity: string): void {
  const known = reach.map((part) => ({ ...part, from: null, to: null }));
  if (!covers(known, { entity })) throw new Refusal('not_found', `There is no entity ${entity}.`);
}
