import type Stripe from 'stripe';

/**
 * A type of the SDK as it stands in JSON: the SDK makes Decimal objects of decimal strings when it
 * reads an answer, so on the wire they are strings. Every object of the sandbox is written against
 * the SDK's own types through this, so that a field that Stripe adds or renames fails to compile.
 */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends string
    ? T
    : T extends readonly (infer Item)[]
      ? Wire<Item>[]
      : T extends object
        ? { [Key in keyof T]: Wire<T[Key]> }
        : T;

/** The API version that the SDK pins, and the one this sandbox speaks. */
export const pinnedVersion = '2026-10-28.endive';

/** A list inside an object: the first page. */
export interface WireList<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}
