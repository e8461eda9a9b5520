import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import {
  dateOf,
  instantOf,
  linkIn,
  openStripe,
  optionalCurrencyOf,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['active', 'canceled', 'completed', 'not_started', 'released'] as const);

/** A schedule as its phases, in their order from 1. */
export const mapSubscriptionSchedule: ObjectMapping<StripeContext> = {
  object: 'subscription_schedule',
  tables: ['subscription_schedule_phases'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'subscription_schedule');
    const schedule = {
      schedule_id: raw.objectId,
      entity_id: context.entityId,
      subscription_id:
        reader.optionalId('subscription') ?? reader.optionalText('released_subscription'),
      customer_id: reader.optionalId('customer'),
      status: reader.oneOf('status', statuses),
      end_behavior: reader.optionalText('end_behavior'),
    };
    const phases = reader.objects('phases').map((phase, at) => ({
      ...schedule,
      phase_no: String(at + 1),
      currency: optionalCurrencyOf(phase)?.code ?? null,
      ...bounds(phase, context),
      trial_end_at: optionalInstant(phase, 'trial_end'),
      proration_behavior: phase.optionalText('proration_behavior'),
      items: {
        json: phase.objects('items').map((item) => ({
          price: item.optionalId('price') ?? item.id('plan'),
          quantity: item.optionalDecimal('quantity'),
        })),
      },
      order_id: linkIn(phase, 'order_id', context) ?? linkIn(reader, 'order_id', context),
    }));
    return { subscription_schedule_phases: phases };
  },
};

function bounds(phase: PayloadReader, context: StripeContext): BooksRow {
  const [start, end] = [instantOf(phase, 'start_date'), instantOf(phase, 'end_date')];
  return {
    ...{ start_at: start, start_on: dateOf(start, context) },
    ...{ end_at: end, end_on: dateOf(end, context) },
  };
}
