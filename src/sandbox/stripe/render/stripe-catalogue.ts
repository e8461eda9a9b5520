import { meters, productOf } from '../../company/catalog';
import type { MeterKey, ProductCode } from '../../truth/catalog';
import type { EntityId } from '../../truth/company';

/** What of the company an account's objects point at. */
export interface StripeCatalogue {
  /** 'prod_…' */
  productId(code: ProductCode): string;
  /** 'mtr_…' */
  meterId(meter: MeterKey): string;
}

export const stripeCatalogue = (entity: EntityId): StripeCatalogue => ({
  productId: (code) => productOf(code).stripeId,
  meterId(key) {
    const meter = meters.find((one) => one.key === key);
    if (meter === undefined) throw new RangeError(`there is no meter ${key}`);
    return meter.ids[entity];
  },
});
