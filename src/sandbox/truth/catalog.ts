import type { Rate } from '../kit/units';

export type ProductCode =
  | 'PLUS' // self-serve plan
  | 'TEAM' // team seats
  | 'ENT-SEAT' // sales-led seats
  | 'ENT-PLATFORM' // sales-led platform fee
  | 'API-INPUT' // input tokens
  | 'API-OUTPUT' // output tokens
  | 'API-IMAGE' // images
  | 'API-COMMIT' // prepaid or minimum API commitment
  | 'ONBOARDING' // services, at a point in time
  | 'CREDIT-TOPUP'; // prepaid credit bought in the product

export type MeterKey = 'input_tokens' | 'output_tokens' | 'images';

export type RecognitionMethod =
  'DAILY' | 'SECOND' | 'MONTH_EVEN' | 'MONTH_EVEN_PRORATED' | 'POINT_IN_TIME' | 'USAGE';

export interface Product {
  code: ProductCode;
  name: string;
  family: 'subscription' | 'usage' | 'services' | 'credit';
  method: RecognitionMethod;
  revenueAccount: string;
  meter: MeterKey | null;
  stripeId: string;
  salesforceId: string;
}

export interface PriceTier {
  /** Last unit of the tier; null is the rest. */
  upTo: bigint | null;
  unit: Rate;
}

/** A price as Stripe has it. */
export interface Price {
  /** 'price_…' */
  id: string;
  product: ProductCode;
  currency: string;
  /** Null where tiers say the price. */
  unit: Rate | null;
  tiers: readonly PriceTier[] | null;
  tiersMode: 'graduated' | 'volume' | null;
  /** Stripe's transform_quantity: units are counted in packages before they are priced (L37). */
  transform?: { divideBy: bigint; round: 'up' | 'down' };
  /** Null for a price that is charged once. */
  interval: { unit: 'month' | 'year'; count: number } | null;
  usage: 'licensed' | 'metered';
  meter: MeterKey | null;
  /** On the published list, as self-serve customers see it. */
  published: boolean;
  /** The per-order price of a sales-led line is archived (CONTROLS S30). */
  active: boolean;
  createdAt: number;
  metadata: Readonly<Record<string, string>>;
}
