import { LogLevel, WebClient, type Logger } from '@slack/web-api';
import { slackFailure } from '../../alerts/slack-failure';
import { SLACK_TIMEOUT_MS } from '../../alerts/slack-channel';
import type { Config } from '../../platform/config';
import { fail, ok, warn, type Diagnosis } from './diagnosis';

/** Asks Slack whose token it is (auth.test). Posts nothing. */
export async function examineSlack({ slack }: Pick<Config, 'slack'>): Promise<Diagnosis> {
  const about = 'Slack';
  if (slack?.token === undefined)
    return warn(
      about,
      'Not configured: alerts stay queued.',
      'Set slack.channel and slack.token in tieout.yaml.',
    );
  const client = new WebClient(slack.token, {
    ...(slack.api_url === undefined ? {} : { slackApiUrl: slack.api_url }),
    timeout: SLACK_TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });
  try {
    const { team, user } = await client.auth.test();
    return ok(
      about,
      `${user ?? 'the bot'} of ${team ?? 'the workspace'}, channel ${slack.channel}`,
    );
  } catch (cause) {
    const { code, remedy } = slackFailure(cause);
    const away = 'Make Slack reachable from this machine, or correct slack.api_url.';
    return fail(about, `The token does not work (${code}).`, remedy || away);
  }
}

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
