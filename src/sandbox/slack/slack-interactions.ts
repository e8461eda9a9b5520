import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock';
import { textOf } from './block-elements';
import { sendCallback, type Delivery, type Forgery, type Interactivity } from './signed-callback';
import type { SlackPeople, SlackPerson } from './slack-people';
import { shownView, SlackViews, stateValues, type ViewInput } from './slack-views';
import {
  APP_ID,
  shown,
  SlackApiError,
  TEAM,
  type SlackWebApi,
  type StandInChannel,
  type StandInMessage,
} from './slack-web-api';

/** Who acts, and how the callback is forged where a test wants that. */
export interface Act extends Forgery {
  /** A person's id; the first of the workspace when left out. */
  user?: string;
  /** The value of the option to choose, where the element is a select. */
  option?: string;
}

/** What an app told one person alone, by a response URL. */
export interface EphemeralMessage {
  channel: string;
  user: string;
  text: string;
}

interface ResponseUrl {
  channel: string;
  ts: string;
  user: string;
  bornMs: number;
  uses: number;
}

type Fields = Record<string, unknown>;

/** trigger_id is good for three seconds, and once. */
const TRIGGER_LIFE_MS = 3_000;
const RESPONSE_LIFE_MS = 30 * 60_000;
const MAX_RESPONSES = 5;

/** What people do with messages and modals, and what the app may do in return. */
export class SlackInteractions {
  readonly views = new SlackViews((triggerId) => this.spendTrigger(triggerId));
  readonly ephemerals: EphemeralMessage[] = [];
  interactivity: Interactivity | null = null;
  /** The server's own address, with a slash at the end. */
  url = '';
  private readonly triggers = new Map<string, { bornMs: number; isSpent: boolean }>();
  private readonly responseUrls = new Map<string, ResponseUrl>();
  private made = 0;

  constructor(
    private readonly api: SlackWebApi,
    private readonly people: SlackPeople,
    private readonly channels: readonly StandInChannel[],
    private readonly clock: Clock,
  ) {}

  /** Presses a button of a message, or chooses an option; throws when there is no such element. */
  async press(channelId: string, ts: string, actionId: string, act: Act = {}): Promise<Delivery> {
    const message = this.api.messages(channelId).find((one) => one.ts === ts);
    if (message === undefined) throw new Error(`there is no message ${ts} in ${channelId}`);
    const user = this.people.actor(act.user);
    const channel = this.channels.find(({ id }) => id === channelId);
    const payload = {
      type: 'block_actions',
      ...this.common(user),
      container: {
        type: 'message',
        message_ts: ts,
        channel_id: channelId,
        is_ephemeral: false,
        ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
      },
      channel: { id: channelId, name: channel?.name ?? '' },
      message: { ...shown(message, true), app_id: APP_ID },
      state: { values: {} },
      response_url: this.newResponseUrl(channelId, ts, user.id),
      actions: [this.actionOf(message, actionId, act)],
    };
    return this.send(payload, act);
  }

  /**
   * Submits an open modal with what was entered; the answer closes, updates or marks it. Throws
   * when a field that must be filled in is not, as Slack itself would not let it through.
   */
  async submitView(viewId: string, input: ViewInput, act: Act = {}): Promise<Delivery> {
    const view = this.views.get(viewId);
    const values = stateValues(view, input);
    const payload = {
      type: 'view_submission',
      ...this.common(this.people.actor(act.user)),
      view: shownView(view, values),
      response_urls: [],
    };
    const delivery = await this.send(payload, act);
    if (delivery.status === 200) this.views.respond(viewId, answerOf(delivery.body));
    return delivery;
  }

  /** Closes an open modal; the app hears of it when the view asked for that. */
  async closeView(viewId: string, act: Act = {}): Promise<Delivery | null> {
    const view = this.views.get(viewId);
    this.views.close(viewId);
    if (view.definition.notify_on_close !== true) return null;
    const user = this.people.actor(act.user);
    const body = { view: shownView(view), is_cleared: false };
    return this.send({ type: 'view_closed', ...this.common(user), ...body }, act);
  }

  /** POST to a response URL: the status and text that Slack answers. */
  respond(path: string, json: string): { status: number; text: string } {
    const target = this.responseUrls.get(path);
    if (target === undefined) return { status: 404, text: 'invalid_url' };
    if (this.nowMs() - target.bornMs > RESPONSE_LIFE_MS)
      return { status: 404, text: 'expired_url' };
    if (target.uses >= MAX_RESPONSES) return { status: 404, text: 'used_url' };
    target.uses += 1;
    try {
      this.carryOut(target, answerOf(json));
      return { status: 200, text: 'ok' };
    } catch (error) {
      if (error instanceof SlackApiError) return { status: 400, text: error.code };
      throw error;
    }
  }

  private carryOut({ channel, ts, user }: ResponseUrl, answer: Readonly<Fields>): void {
    if (answer.delete_original === true) {
      const messages = this.api.messages(channel);
      messages.splice(0, Infinity, ...messages.filter((message) => message.ts !== ts));
      return;
    }
    const args = new Map([
      ['channel', channel],
      ['text', textOf(answer.text)],
    ]);
    if (answer.blocks !== undefined) args.set('blocks', JSON.stringify(answer.blocks));
    if (typeof answer.thread_ts === 'string') args.set('thread_ts', answer.thread_ts);
    if (answer.replace_original === true) this.api.call('chat.update', args.set('ts', ts));
    else if (answer.response_type === 'in_channel') this.api.call('chat.postMessage', args);
    else this.ephemerals.push({ channel, user, text: textOf(answer.text) });
  }

  private async send(payload: Fields, forgery: Forgery): Promise<Delivery> {
    if (this.interactivity === null)
      throw new Error('no request URL was set: Slack would tell the user so');
    return sendCallback(this.interactivity, payload, this.nowMs(), forgery);
  }

  private common({ id, name }: SlackPerson): Fields {
    return {
      team: TEAM,
      user: { id, username: name, name, team_id: TEAM.id },
      api_app_id: APP_ID,
      token: 'deprecated-verification-token',
      trigger_id: this.newTrigger(),
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  private actionOf(message: StandInMessage, actionId: string, act: Act): Fields {
    for (const [index, block] of message.blocks.entries()) {
      const { elements, accessory, block_id: blockId } = { ...block } as Fields;
      const candidates = [...(block.type === 'actions' ? (elements as Fields[]) : []), accessory];
      const found = candidates.find((one) => (one as Fields | undefined)?.action_id === actionId);
      if (found !== undefined) {
        const id = typeof blockId === 'string' ? blockId : tokenOf('block', message.ts, index, 5);
        return this.acted(found as Fields, id, act);
      }
    }
    throw new Error(`message ${message.ts} has no element '${actionId}'`);
  }

  private acted(element: Fields, blockId: string, { option }: Act): Fields {
    const { type, action_id: actionId, text, value, style, options } = element;
    const micros = `${String(this.nowMs()).padStart(13, '0')}000`;
    const common = {
      type,
      action_id: actionId,
      block_id: blockId,
      action_ts: `${micros.slice(0, -6)}.${micros.slice(-6)}`,
    };
    if (type === 'button')
      return {
        ...common,
        text,
        ...(value === undefined ? {} : { value }),
        ...(style === undefined ? {} : { style }),
      };
    const chosen = (options as Fields[] | undefined)?.find((one) => one.value === option);
    if (chosen === undefined)
      throw new Error(`'${option ?? ''}' is no option of ${String(actionId)}`);
    return { ...common, selected_option: chosen };
  }

  private newTrigger(): string {
    this.made += 1;
    const id = `${this.nowMs()}.${this.made}.${tokenOf('trigger', TEAM.id, this.made, 32)}`;
    this.triggers.set(id, { bornMs: this.nowMs(), isSpent: false });
    return id;
  }

  private spendTrigger(id: string): void {
    const trigger = this.triggers.get(id);
    if (trigger === undefined) throw new SlackApiError('invalid_trigger_id');
    if (trigger.isSpent) throw new SlackApiError('exchanged_trigger_id');
    if (this.nowMs() - trigger.bornMs > TRIGGER_LIFE_MS)
      throw new SlackApiError('expired_trigger_id');
    trigger.isSpent = true;
  }

  private newResponseUrl(channel: string, ts: string, user: string): string {
    this.made += 1;
    const path = `actions/${TEAM.id}/${this.made}/${tokenOf('response', ts, this.made, 24)}`;
    this.responseUrls.set(path, { channel, ts, user, bornMs: this.nowMs(), uses: 0 });
    return `${this.url}${path}`;
  }

  private nowMs(): number {
    return Date.parse(this.clock.now());
  }
}

/** Letters and digits that look random and are the same in every run. */
const tokenOf = (purpose: string, key: string, number: number, length: number): string =>
  createHash('sha256').update(`${purpose}/${key}/${number}`).digest('hex').slice(0, length);

function answerOf(body: string): Readonly<Fields> {
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
