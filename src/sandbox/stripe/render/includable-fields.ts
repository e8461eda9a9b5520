/**
 * Fields that Stripe leaves out of an object unless `expand` asks for them, and always out of
 * events (CONTROLS §1.2: amount_paid_off_stripe).
 */
export const includableFields: Readonly<Record<string, readonly string[]>> = {
  customer: ['invoice_credit_balance'],
  invoice: ['amount_paid_off_stripe', 'confirmation_secret'],
  price: ['tiers', 'currency_options'],
};

/** The object without such fields, but for those asked for. */
export function withoutIncludable<T extends object>(
  object: T,
  kind: string,
  asked: readonly string[] = [],
): T {
  const hidden = (includableFields[kind] ?? []).filter((name) => !asked.includes(name));
  if (!hidden.some((name) => name in object)) return object;
  const shown = { ...object };
  for (const name of hidden) Reflect.deleteProperty(shown, name);
  return shown;
}
