import { AlertDispatcher, type DispatchResult } from '../alerts/alert-dispatcher';
import { slackChannelOf } from '../alerts/slack-channel';
import type { Workspace } from './open-workspace';
import type { Session } from './session';

/**
 * Delivers what is queued as long as the channel takes it; what remains stays queued. Without a
 * channel nothing is tried, and null is given.
 */
export async function deliverAlerts(
  { database, config, clock, logger }: Workspace,
  { signal }: Session,
  options: { paceMs?: number } = {},
): Promise<DispatchResult | null> {
  const channel = slackChannelOf(config.slack);
  if (channel === null) return null;
  return new AlertDispatcher(database.app, channel, clock, logger, options).dispatchDue(signal);
}
