import { salesforceId, stripeId } from '../kit/ids';
import type { MeterKey, Product, ProductCode } from '../truth/catalog';
import type { EntityId } from '../truth/company';

type Row = Pick<Product, 'name' | 'family' | 'method' | 'revenueAccount' | 'meter'>;

const rows: Readonly<Record<ProductCode, Row>> = {
  PLUS: subscription('Northwind Plus', '4010'),
  TEAM: subscription('Northwind Team', '4020'),
  'ENT-SEAT': subscription('Northwind Enterprise seats', '4030'),
  'ENT-PLATFORM': subscription('Northwind Enterprise platform', '4030'),
  'API-INPUT': usage('API input tokens', 'input_tokens'),
  'API-OUTPUT': usage('API output tokens', 'output_tokens'),
  'API-IMAGE': usage('API images', 'images'),
  'API-COMMIT': usage('API commitment', null),
  ONBOARDING: {
    ...{ name: 'Onboarding and workshops', family: 'services', method: 'POINT_IN_TIME' },
    ...{ revenueAccount: '4050', meter: null },
  },
  'CREDIT-TOPUP': { ...usage('Prepaid API credit', null), family: 'credit' },
};

function subscription(name: string, revenueAccount: string): Row {
  return { name, family: 'subscription', method: 'DAILY', revenueAccount, meter: null };
}

function usage(name: string, meter: MeterKey | null): Row {
  return { name, family: 'usage', method: 'USAGE', revenueAccount: '4040', meter };
}

const codes = Object.keys(rows) as ProductCode[];

const byCode = new Map(
  codes.map((code): [ProductCode, Product] => [
    code,
    {
      code,
      ...rows[code],
      stripeId: `prod_${stripeId('prod', code).slice(-14)}`,
      salesforceId: salesforceId('Product2', code),
    },
  ]),
);

/** All that the company sells, in both Stripe accounts under the same ids. */
export const products: readonly Product[] = [...byCode.values()];

export function productOf(code: ProductCode): Product {
  const product = byCode.get(code);
  if (product === undefined) throw new RangeError(`there is no product ${code}`);
  return product;
}

/** A billing meter; each Stripe account has its own. */
export interface Meter {
  key: MeterKey;
  name: string;
  eventName: string;
  formula: 'sum';
  unit: 'token' | 'image';
  /** 'mtr_…' */
  ids: Readonly<Record<EntityId, string>>;
  createdAt: number;
}

const meterOf = (key: MeterKey, name: string, unit: Meter['unit']): Meter => ({
  ...{ key, name, unit, eventName: `api_${key}`, formula: 'sum' },
  ids: { 'ni-us': stripeId('mtr', 'ni-us', key), 'ni-ie': stripeId('mtr', 'ni-ie', key) },
  createdAt: Date.UTC(2024, 5, 15) / 1000,
});

/** Sorted by key, as usage is. */
export const meters: readonly Meter[] = [
  meterOf('images', 'API images', 'image'),
  meterOf('input_tokens', 'API input tokens', 'token'),
  meterOf('output_tokens', 'API output tokens', 'token'),
];
