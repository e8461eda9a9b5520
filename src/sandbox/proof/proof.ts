import type { EntityId } from '../truth/company';

/** Two figures that must be the same: what it is about, per entity and currency. */
export interface Proof {
  name: string;
  entity: EntityId;
  currency: string;
  left: bigint;
  right: bigint;
}
