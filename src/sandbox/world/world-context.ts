import { KeyedRandom } from '../kit/keyed-random';
import type { WorldOptions } from '../truth/company';
import type { WorldContext } from './customer-world';

/** A look-alike that the world holds: what must not be found. */
export interface LookAlike {
  id: string;
  key: string;
}

/** The context of one pass over the company; look-alikes go to `note`. */
export const worldContext = (
  options: WorldOptions,
  note: (lookAlike: LookAlike) => void = () => undefined,
): WorldContext => ({
  options,
  random: (...key) => KeyedRandom.of(options.seed, ...key),
  noteLookAlike: (id, key) => {
    note({ id, key });
  },
});
