import { ratePrice } from '../billing/rate-price';
import { instantOf } from '../kit/instants';
import { rateText } from '../kit/units';
import { meters, productOf, products } from './catalog';
import { freePrice, listPrice, priceById, publishedPrices } from './price-list';

const before = instantOf('2025-09-30T23:59:59Z');
const after = instantOf('2025-10-01T00:00:00Z');

describe('the published list', () => {
  // CONTROLS §5.1, in minor units of each currency.
  test.each([
    ['USD', '2000', '20000', '3000', '30000'],
    ['EUR', '2300', '23000', '3300', '33000'],
    ['GBP', '2000', '20000', '2800', '27600'],
    ['JPY', '3000', '30000', '4500', '45000'],
  ])('asks in %s what the company says', (currency, plus, plusYear, seat, seatYear) => {
    const unit = (product: 'PLUS' | 'TEAM', interval: 'month' | 'year'): string =>
      rateText(listPrice(product, currency, interval, after).unit ?? 0n);
    expect([unit('PLUS', 'month'), unit('PLUS', 'year')]).toEqual([plus, plusYear]);
    expect([unit('TEAM', 'month'), unit('TEAM', 'year')]).toEqual([seat, seatYear]);
  });

  test('keeps the older list for those who bought from it', () => {
    const old = listPrice('PLUS', 'USD', 'month', before);
    expect([rateText(old.unit ?? 0n), old.active, old.published]).toEqual(['1800', false, true]);
    expect(old.metadata).toEqual({ price_list: '2024-07', withdrawn_on: '2025-10-01' });
    expect(listPrice('PLUS', 'USD', 'month', after).metadata).toEqual({ price_list: '2025-10' });
  });

  test('prices input tokens by the thousand begun on the old list', () => {
    const old = listPrice('API-INPUT', 'USD', 'month', before);
    // 0.3 cents per 1,000: 1,000,001 tokens are 1,001 packages.
    expect(old.transform).toEqual({ divideBy: 1_000n, round: 'up' });
    expect(ratePrice(old, 1_000_000n)).toBe(300n);
    expect(ratePrice(old, 1_999_001n)).toBe(600n);
  });

  test('prices tokens in three tiers on the new one, to the twelfth place', () => {
    const input = listPrice('API-INPUT', 'USD', 'month', after);
    expect(input.tiers?.map(({ unit }) => rateText(unit))).toEqual([
      '0.00025',
      '0.00021875',
      '0.000187512345',
    ]);
    // 10m × 0.00025 + 990m × 0.00021875 + 1,000m × 0.000187512345 = 2,500 + 216,562.5 + 187,512.345
    expect(ratePrice(input, 2_000_000_000n)).toBe(406_575n);
  });

  test('prices a whole month of images by its volume on the old list', () => {
    const old = listPrice('API-IMAGE', 'USD', 'month', before);
    expect([ratePrice(old, 10_000n), ratePrice(old, 10_001n)]).toEqual([40_000n, 32_503n]);
    expect(ratePrice(listPrice('API-IMAGE', 'USD', 'month', after), 10_001n)).toBe(40_004n);
  });

  test('finds every price by its id, and none twice', () => {
    const all = ['USD', 'EUR', 'GBP', 'JPY'].flatMap((currency) => publishedPrices(currency));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const price of all) expect(priceById(price.id)).toBe(price);
    expect(all).toHaveLength(4 * 15);
    expect(publishedPrices('KWD')).toEqual([]);
    expect(freePrice('EUR').unit).toBe(0n);
    expect(() => listPrice('PLUS', 'KWD', 'month', after)).toThrow('no PLUS in KWD');
  });
});

test('every metered product has its meter, and both accounts one of each', () => {
  const metered = products.flatMap(({ meter }) => (meter === null ? [] : [meter]));
  expect(metered.sort()).toEqual(meters.map(({ key }) => key));
  expect(new Set(meters.flatMap(({ ids }) => Object.values(ids))).size).toBe(6);
  expect(productOf('TEAM').stripeId).toMatch(/^prod_[0-9A-Za-z]{14}$/);
});
