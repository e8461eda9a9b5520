import { z } from 'zod';
import { amountText, currencyText, dateText } from '../platform/http/fields';

/** What the API says of the customer's way from order to cash. */

export const journeySteps = [
  'deal',
  'deal_won',
  'order',
  'order_activated',
  'contract',
  'subscription_started',
  'subscription_ended',
  'invoice',
  'invoice_voided',
  'payment_applied',
  'payment',
  'credit_note',
  'refund',
  'dispute',
] as const;

const journeyStep = z
  .object({
    on: dateText,
    kind: z.enum(journeySteps),
    source: z.string().describe('The system that says so.'),
    id: z.string(),
    label: z.string().nullable(),
    amount: amountText.nullable(),
    currency: currencyText.nullable(),
    status: z.string().nullable(),
    is_subject: z.boolean().describe('The exception itself names it.'),
  })
  .meta({ id: 'JourneyStep' });
export type JourneyStep = z.infer<typeof journeyStep>;

export const journey = z
  .object({
    steps: z.array(journeyStep).describe('Oldest first, as the books stand now; 500 at most.'),
    is_cut: z.boolean().describe('There are more than are shown.'),
  })
  .meta({ id: 'Journey' });
export type Journey = z.infer<typeof journey>;
