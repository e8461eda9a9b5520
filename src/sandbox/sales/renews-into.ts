import { hasTrait } from '../company/exemplars';
import type { Seller } from './seller';

/** Whether the account signs for this term after the one before it. */
export function renewsInto(seller: Seller, term: number): boolean {
  if (hasTrait(seller.customer, 'leaves')) return false;
  return seller.random('deal', term).chance(0.66) || seller.isExemplary;
}
