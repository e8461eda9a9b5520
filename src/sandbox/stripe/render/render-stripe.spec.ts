import type { StripeRecord } from '../../world/records';
import { specWorld } from '../stripe-spec-world';

const earlier = specWorld(0.004, '2026-06-25T09:00:00Z', 0.5);
const later = specWorld(0.004, '2026-07-10T09:00:00Z', 0.5);

const byId = ({ records }: typeof later): Map<string, StripeRecord> =>
  new Map(records.map((record) => [`${record.entity}/${record.collection}/${record.id}`, record]));

test('a later now has every object of the earlier one, made at the same instant', () => {
  const after = byId(later);
  const gone = [...byId(earlier)].filter(
    ([key, { collection, created }]) =>
      collection !== 'events' && after.get(key)?.created !== created,
  );
  expect(gone.map(([key]) => key)).toEqual([]);
});

test('an event of both worlds is the same to the byte', () => {
  const after = byId(later);
  const both = [...byId(earlier)].filter(
    ([key, { collection }]) => collection === 'events' && after.has(key),
  );
  expect(both.length).toBeGreaterThan(5);
  for (const [key, { object }] of both)
    expect(JSON.stringify(after.get(key)?.object)).toBe(JSON.stringify(object));
});

test('ids are unique but for what customers share, and nothing is of the future', () => {
  const shared = new Set(['coupons', 'promotion_codes', 'prices']);
  const own = later.records.filter(({ collection }) => !shared.has(collection));
  const keys = own.map(({ entity, collection, id }) => `${entity}/${collection}/${id}`);
  expect(new Set(keys).size).toBe(own.length);
  expect(own.filter(({ created }) => created > later.options.now)).toEqual([]);
});

test('every id in an invoice leads to an object of the account', () => {
  const ids = new Set(later.records.map(({ entity, id }) => `${entity}/${id}`));
  const invoices = later.records.filter(({ collection }) => collection === 'invoices');
  expect(invoices.length).toBeGreaterThan(100);
  for (const { entity, object } of invoices) {
    const found = JSON.stringify(object).match(/"(cus|sub|ii|price|prod|di)_[0-9A-Za-z]{14,}"/g);
    for (const id of found ?? []) expect(ids).toContain(`${entity}/${id.slice(1, -1)}`);
  }
});

test('lines, discounts and taxes come to the totals of their invoice', () => {
  const sum = (of: unknown): number =>
    Array.isArray(of) ? of.reduce((all: number, one) => all + Number(one.amount), 0) : 0;
  for (const { object, collection, id } of later.records) {
    if (collection !== 'invoices') continue;
    const invoice = JSON.parse(JSON.stringify(object));
    const lines = later.records.filter(
      (record) => record.collection === 'invoice_line_items' && record.filters.invoice === id,
    );
    expect(invoice.subtotal).toBe(sum(lines.map((record) => record.object)));
    const taxes = invoice.total_taxes as { tax_behavior: string }[];
    const exclusive = taxes.filter((tax) => tax.tax_behavior === 'exclusive');
    expect(invoice.total).toBe(
      invoice.subtotal - sum(invoice.total_pretax_credit_amounts) + sum(exclusive),
    );
  }
});

test('the payload of an event is the object as it stood then', () => {
  const invoices = new Map(
    later.worlds.flatMap(({ billing }) => billing.invoices).map((one) => [one.id, one]),
  );
  const statuses: Record<string, Set<string>> = {};
  for (const { object, collection, created } of later.records) {
    if (collection !== 'events') continue;
    const event = JSON.parse(JSON.stringify(object));
    const { type, data } = event;
    if (!String(type).startsWith('invoice.')) continue;
    (statuses[type] ??= new Set()).add(data.object.status);
    const paidAt = invoices.get(data.object.id)?.paidAt ?? Infinity;
    if (paidAt > created) expect(data.object.status_transitions.paid_at).toBe(null);
    expect(data.object.number === null).toBe(data.object.status === 'draft');
  }
  expect([...(statuses['invoice.paid'] ?? [])]).toEqual(['paid']);
  expect([...(statuses['invoice.finalized'] ?? [])]).not.toContain('draft');
});

test('all of it is live, and no amount is a fraction', () => {
  for (const { object } of later.records) {
    const text = JSON.stringify(object);
    expect(text).not.toContain('"livemode":false');
    expect(text).not.toMatch(/"(amount|total|subtotal|net|fee|balance)":-?\d+\.\d/);
  }
});
