/** An object that an event says has changed. */
export interface EventHint {
  /** Stripe's word for the kind: `invoice`, `billing.credit_grant`. */
  object: string;
  id: string;
  /** Unix seconds; null where the event does not say. */
  created: number | null;
}

/**
 * What an event is about, in any shape that Stripe gives (snapshot events carry `data.object`, thin
 * ones `related_object`); null where it names nothing that can be asked for. Only names are taken:
 * what counts is the object as Stripe gives it when asked.
 */
export function eventHint(event: Readonly<Record<string, unknown>>): EventHint | null {
  const object = fieldOf(event['data'], 'object') ?? thinObject(event['related_object']);
  if (typeof object !== 'object' || object === null) return null;
  const { object: kind, id, created, subscription } = object as Record<string, unknown>;
  // A discount is shown by what it stands on.
  if (kind === 'discount')
    return typeof subscription === 'string'
      ? { object: 'subscription', id: subscription, created: null }
      : null;
  if (typeof kind !== 'string' || typeof id !== 'string') return null;
  return { object: kind, id, created: typeof created === 'number' ? created : null };
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** `{ id, type }` as an object of that kind. */
const thinObject = (related: unknown): unknown =>
  typeof related === 'object' && related !== null
    ? { object: fieldOf(related, 'type'), id: fieldOf(related, 'id') }
    : undefined;
