import { z } from 'zod';
import { versionParams } from '../../catalog/versions.contract';
import { outcomes, severities } from '../../core/outcome';
import {
  amountText,
  countText,
  currencyText,
  dateText,
  instant,
  sha256Text,
} from '../../platform/http/fields';

/** What the API says of replays of a version that waits for its approval. */

export const replayParams = versionParams;
export type { VersionParams as ReplayParams } from '../../catalog/versions.contract';

export const mostReplayedPeriods = 24;

export const replayOrder = z
  .strictObject({
    periods: z
      .int()
      .min(1)
      .max(mostReplayedPeriods)
      .default(3)
      .describe('How many periods back, of each entity, among those with a verdict.'),
  })
  .meta({ id: 'ReplayOrder' });
export type ReplayOrder = z.infer<typeof replayOrder>;

const replayedFinding = z
  .object({
    change: z
      .enum(['gained', 'lost', 'changed'])
      .describe('Found by this version alone, by the approved one alone, or by both otherwise.'),
    procedure: z.string(),
    code: z.string(),
    key: z.record(z.string(), z.string()),
    currency: currencyText.nullable(),
    severity: z.enum(severities),
    impact: amountText.nullable(),
    explanation: z.string(),
    explanation_before: z.string().nullable().describe('Of a changed one.'),
  })
  .meta({ id: 'ReplayedFinding' });
export type ReplayedFinding = z.infer<typeof replayedFinding>;

const side = z.object({
  outcome: z.enum(outcomes),
  reason: z.string().nullable().describe('Why there is no verdict.'),
  findings: countText,
});

export const replayedPeriod = z
  .object({
    entity_id: z.string(),
    period_key: z.string(),
    as_of: dateText,
    run_id: z.guid().describe('The run of the period that was replayed.'),
    basis: z
      .enum(['evidence', 'frozen_anew'])
      .describe(
        'evidence: the very files that the run judged. frozen_anew: the populations ask ' +
          'something else than before, so both versions judge what the sources hold now of the ' +
          'same period.',
      ),
    before: side.describe('By the approved version.'),
    after: side.describe('By this version.'),
    gained: countText,
    lost: countText,
    changed: countText.describe('Found by both, with another amount, severity or explanation.'),
    impacts: z
      .array(z.object({ currency: currencyText, gained: amountText, lost: amountText }))
      .describe('Impact of what was gained and lost, by currency.'),
    findings: z.array(replayedFinding).describe('Of each change the first ones, in their order.'),
  })
  .meta({ id: 'ReplayedPeriod' });
export type ReplayedPeriod = z.infer<typeof replayedPeriod>;

export const controlReplay = z
  .object({
    replay_id: z.guid(),
    control_id: z.string(),
    version: sha256Text,
    against: sha256Text.describe('The version that was approved then.'),
    requested_by: z.string(),
    recorded_at: instant,
    periods: z.array(replayedPeriod).describe('By entity, newest period first; those in reach.'),
  })
  .meta({ id: 'ControlReplay' });
export type ControlReplay = z.infer<typeof controlReplay>;

export const controlReplays = z
  .object({ replays: z.array(controlReplay).describe('Newest first; the latest 20.') })
  .meta({ id: 'ControlReplays' });
export type ControlReplays = z.infer<typeof controlReplays>;
