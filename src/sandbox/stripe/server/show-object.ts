import { isFields, type Fields } from '../legacy/fields';
import type { LegacyLookups } from '../legacy/legacy-lookups';
import { toLegacyShape } from '../legacy/to-legacy-shape';
import { withoutIncludable } from '../render/includable-fields';
import type { AccountView } from './account-view';
import { collectionOf } from './resources';
import { invalidRequest } from './stripe-error';

/** Lists that an object shows only when asked, and where they are kept. */
const lists: Readonly<Record<string, Readonly<Record<string, [string, string, string]>>>> = {
  invoice: { payments: ['invoice_payments', 'invoice', 'invoice_payments?invoice='] },
  charge: { refunds: ['refunds', 'charge', 'refunds?charge='] },
  customer: { subscriptions: ['subscriptions', 'customer', 'subscriptions?customer='] },
};

/** Fields shown only when asked that this world has no values for. */
const emptyOnes: Readonly<Record<string, readonly string[]>> = {
  customer: ['sources', 'tax_ids', 'cash_balance', 'tax'],
  price: ['currency_options'],
};

const deepest = 4;
const embedded = 10;

/** `expand` as paths; throws what Stripe answers to a path that is too deep. */
export function expandPaths(expand: readonly string[]): string[][] {
  return expand.map((path) => {
    const parts = path.split('.');
    if (parts.at(-1) === 'total_count')
      throw invalidRequest(
        'property_forbidden',
        'This property cannot be expanded (total_count).',
        'expand',
      );
    if (parts.length > deepest)
      throw invalidRequest(
        'property_invalid',
        'You cannot expand more than 4 levels of a property.',
        'expand',
      );
    return parts;
  });
}

/** An object as an answer shows it: what `paths` ask for is in it, what only they show is not. */
export function showObject(object: Fields, paths: readonly string[][], view: AccountView): Fields {
  const kind = typeof object.object === 'string' ? object.object : '';
  const heads = paths.flatMap(([head]) => (head === undefined ? [] : [head]));
  const shown: Fields = { ...withoutIncludable(object, kind, heads) };
  for (const head of new Set(heads)) {
    const rest = paths
      .filter(([first]) => first === head)
      .map((path) => path.slice(1))
      .filter((path) => path.length > 0);
    shown[head] = expanded(shown, head, rest, view);
  }
  return shown;
}

function expanded(of: Fields, head: string, rest: string[][], view: AccountView): unknown {
  const value = of[head];
  if (value === null) return null;
  if (typeof value === 'string') return loaded(head, value, rest, view);
  if (Array.isArray(value))
    return value.map((item: unknown) => {
      if (typeof item === 'string') return loaded(head, item, rest, view);
      return isFields(item) ? showObject(item, rest, view) : item;
    });
  if (isFields(value)) return showObject(value, rest, view);
  if (value !== undefined && head in of) return value;
  return added(of, head, rest, view);
}

/** The object of an id, or the id itself where nothing of ours has it. */
function loaded(field: string, id: string, rest: string[][], view: AccountView): unknown {
  const collection = collectionOf(field, id);
  if (collection === null) {
    if (/^(pm|ba|acct|txr)_/.test(id)) return id;
    throw cannotExpand(field);
  }
  const found = view.find(collection, id);
  return found === null ? id : showObject({ ...found.object }, rest, view);
}

/** What is no field of the object as it lies, but a list or a value that it can show. */
function added(of: Fields, head: string, rest: string[][], view: AccountView): unknown {
  const kind = String(of.object);
  const list = lists[kind]?.[head];
  if (list === undefined) {
    if (emptyOnes[kind]?.includes(head)) return null;
    // An object that could have it and has not: a price without tiers, a line without a price.
    if (['data', 'tiers', 'confirmation_secret', 'default_price'].includes(head)) return undefined;
    throw cannotExpand(head);
  }
  const [collection, filter, url] = list;
  const all = [...view.having(collection, filter, String(of.id))];
  const data = all.slice(0, embedded).map(({ object }) => ({ ...object }));
  const object = { object: 'list', data, has_more: all.length > embedded };
  return showObject({ ...object, url: `/v1/${url}${String(of.id)}` }, rest, view);
}

const cannotExpand = (field: string): Error =>
  invalidRequest(
    'property_invalid',
    `This property cannot be expanded (${field}). You may want to try expanding ` +
      `'data.${field}' instead.`,
    'expand',
  );

/** What an object of an old version holds, from the account's own objects. */
export const lookupsIn = (view: AccountView): LegacyLookups => {
  const fields = (collection: string, id: string): Fields | null => {
    const found = view.find(collection, id);
    return found === null ? null : { ...found.object };
  };
  return {
    price: (id) => fields('prices', id),
    coupon: (id) => fields('coupons', id),
    discount: (id) => fields('discounts', id),
    paymentsOf: (id) =>
      [...view.having('invoice_payments', 'invoice', id)]
        .map(({ object }): Fields => ({ ...object }))
        .sort((a, b) => Number(b.is_default === true) - Number(a.is_default === true)),
    chargeOf(id) {
      const charge = fields('payment_intents', id)?.latest_charge;
      return typeof charge === 'string' ? charge : null;
    },
    invoiceOf(id) {
      const all = [...view.having('invoice_payments', 'payment', id)].map(({ object }): Fields => ({
        ...object,
      }));
      const one = all.find(({ is_default }) => is_default === true) ?? all[0];
      return typeof one?.invoice === 'string' ? one.invoice : null;
    },
  };
};

/** The same answer in the shape of the request's version. */
export const inVersion = (object: Fields, version: string, view: AccountView): Fields =>
  toLegacyShape(object, version, lookupsIn(view));

/** Parts of a list's answer, expanded below `data`. */
export function showList(
  records: readonly object[],
  { hasMore, url, paths }: { hasMore: boolean; url: string; paths: string[][] },
  view: AccountView,
): Fields {
  const strange = paths.find(([head]) => head !== 'data');
  if (strange) throw cannotExpand(strange[0] ?? '');
  const inner = paths.map((path) => path.slice(1)).filter((path) => path.length > 0);
  const data = records.map((record) => showObject({ ...record }, inner, view));
  return { object: 'list', data, has_more: hasMore, url };
}
