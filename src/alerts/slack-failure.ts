import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { DeliveryFailure } from './alert-channel';

/** Used when Slack limits us without saying for how long. */
const DEFAULT_RETRY_AFTER_S = 30;

const TOKEN = 'Put a valid bot token (xoxb-…) of the Slack app into slack.token, then restart.';
const CHANNEL = 'Put the id of an existing, open channel (C…) into slack.channel, then restart.';
const SCOPES =
  'Grant the Slack app chat:write and channels:history (groups:history for a private channel), ' +
  'reinstall it, then restart.';
const CONTENT = 'Report this message as a defect of Tieout; it will be sent again after a restart.';

/** Errors that stay until a person acts (docs.slack.dev, chat.postMessage), with the act. */
const PERMANENT: Record<string, string> = {
  access_denied: SCOPES,
  account_inactive: TOKEN,
  app_access_expired: TOKEN,
  channel_not_found: CHANNEL,
  ekm_access_denied: 'Ask the Slack administrator to lift the suspension of access.',
  enterprise_is_restricted: TOKEN,
  invalid_arguments: CONTENT,
  invalid_auth: TOKEN,
  invalid_blocks: CONTENT,
  invalid_blocks_format: CONTENT,
  invalid_metadata_format: CONTENT,
  invalid_metadata_schema: CONTENT,
  is_archived: CHANNEL,
  messages_tab_disabled: CHANNEL,
  missing_scope: SCOPES,
  msg_blocks_too_long: CONTENT,
  msg_too_long: CONTENT,
  no_permission: SCOPES,
  no_text: CONTENT,
  not_allowed_token_type: TOKEN,
  not_authed: TOKEN,
  not_in_channel: 'Invite the Slack app into the channel (/invite), then restart.',
  org_login_required: TOKEN,
  restricted_action: 'Let the Slack app post in this channel (channel settings), then restart.',
  restricted_action_read_only_channel: 'Let the Slack app post in this channel, then restart.',
  team_access_not_granted: TOKEN,
  token_expired: TOKEN,
  token_revoked: TOKEN,
  unknown_method: 'Correct slack.api_url: no Slack Web API answers there. Then restart.',
};

const GONE = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'cannot_reply_to_message',
]);

/** Slack says of these that some aspect of the operation may have succeeded. */
const AMBIGUOUS = new Set(['internal_error', 'fatal_error']);

/** Codes of connections that were never made, so that nothing can have been delivered. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What an error of the Slack SDK says about the message. What is not recognised is ambiguous. */
export function slackFailure(error: unknown): DeliveryFailure {
  if (error instanceof WebAPIRateLimitedError)
    return rateLimited(error.retryAfter, 'ratelimited', error);
  if (error instanceof WebAPIPlatformError) return platformFailure(error);
  if (error instanceof WebAPIHTTPError) {
    const code = `http_${error.statusCode}`;
    // A 4xx is an answer about our request, not about its effect; 5xx may follow the effect.
    return new DeliveryFailure(error.statusCode < 500 ? 'transient' : 'ambiguous', code, {
      cause: error,
    });
  }
  if (error instanceof WebAPIRequestError) return requestFailure(error);
  const limited = error instanceof Error && error.message.startsWith('Retry header did not');
  if (limited) return rateLimited(DEFAULT_RETRY_AFTER_S, 'ratelimited', error);
  return new DeliveryFailure('ambiguous', 'unrecognised_failure', { cause: error });
}

function platformFailure(error: WebAPIPlatformError): DeliveryFailure {
  const code = error.data.error;
  // The SDK puts the whole text of an answer that is not JSON here; such a page proves nothing.
  if (!/^[a-z0-9_]{1,64}$/.test(code))
    return new DeliveryFailure('ambiguous', 'unrecognised_answer');
  const remedy = PERMANENT[code];
  if (remedy !== undefined) return new DeliveryFailure('permanent', code, { remedy, cause: error });
  if (GONE.has(code)) return new DeliveryFailure('gone', code, { cause: error });
  if (AMBIGUOUS.has(code)) return new DeliveryFailure('ambiguous', code, { cause: error });
  if (code === 'ratelimited' || code === 'rate_limited')
    return rateLimited(DEFAULT_RETRY_AFTER_S, 'ratelimited', error);
  return new DeliveryFailure('transient', code, { cause: error });
}

function requestFailure(error: WebAPIRequestError): DeliveryFailure {
  const cause: { code?: unknown } = { ...(error.original.cause as object | undefined) };
  const code = typeof cause.code === 'string' ? cause.code : '';
  if (NEVER_CONNECTED.has(code))
    return new DeliveryFailure('transient', code.toLowerCase(), { cause: error });
  return new DeliveryFailure('ambiguous', 'no_answer', { cause: error });
}

function rateLimited(retryAfterS: number, code: string, cause: unknown): DeliveryFailure {
  return new DeliveryFailure('rate_limited', code, { retryAfterS, cause });
}
