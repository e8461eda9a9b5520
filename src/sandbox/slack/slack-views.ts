import { createHash } from 'node:crypto';
import { textOf } from './block-elements';
import { blockProblems } from './block-problems';
import { APP_ID, SlackApiError, TEAM } from './slack-web-api';

/** A modal as Slack keeps it. */
export interface StandInView {
  id: string;
  callbackId: string;
  privateMetadata: string;
  /** As the app sent it. */
  definition: Readonly<Record<string, unknown>>;
  /** What an app last said is wrong, by block_id. */
  errors: Readonly<Record<string, string>>;
  /** Changes with every update; views.update may ask for it. */
  hash: string;
}

/** What a person entered: block_id → action_id → text, or the value of the option chosen. */
export type ViewInput = Readonly<Record<string, Readonly<Record<string, string>>>>;

const MAX_TITLE = 24;
const MAX_BLOCKS = 100;
const MAX_METADATA = 3_000;
const MAX_VIEW_BYTES = 250_000;

/** The modals that are open, by views.open and views.update. */
export class SlackViews {
  private readonly views = new Map<string, StandInView>();
  private made = 0;

  /** @param spendTrigger throws SlackApiError unless the trigger is good, and uses it up */
  constructor(private readonly spendTrigger: (triggerId: string) => void) {}

  call(method: string, args: ReadonlyMap<string, string>): object {
    const definition = definitionOf(args.get('view') ?? '');
    switch (method) {
      case 'views.open': {
        this.spendTrigger(args.get('trigger_id') ?? '');
        this.made += 1;
        const id = `V0VIEW${String(this.made).padStart(5, '0')}`;
        return { ok: true, view: shownView(this.put(id, definition)) };
      }
      case 'views.update': {
        const view = this.views.get(args.get('view_id') ?? '');
        if (view === undefined) throw new SlackApiError('not_found');
        const hash = args.get('hash');
        if (hash !== undefined && hash !== view.hash) throw new SlackApiError('hash_conflict');
        return { ok: true, view: shownView(this.put(view.id, definition)) };
      }
      default:
        throw new SlackApiError('unknown_method');
    }
  }

  all(): StandInView[] {
    return [...this.views.values()];
  }

  /** Throws when it is not open. */
  get(id: string): StandInView {
    const view = this.views.get(id);
    if (view === undefined) throw new Error(`view ${id} is not open`);
    return view;
  }

  close(id: string): void {
    this.views.delete(id);
  }

  /** What an app answers to a submission: nothing closes the view. */
  respond(id: string, answer: Readonly<Record<string, unknown>>): void {
    const view = this.get(id);
    switch (answer.response_action) {
      case 'errors':
        this.views.set(id, { ...view, errors: { ...(answer.errors as Record<string, string>) } });
        return;
      case 'update':
        this.put(id, definitionOf(JSON.stringify(answer.view)));
        return;
      default:
        this.close(id);
    }
  }

  private put(id: string, definition: Readonly<Record<string, unknown>>): StandInView {
    this.made += 1;
    const seed = `${id}/${this.made}`;
    const view = {
      id,
      callbackId: textOf(definition.callback_id),
      privateMetadata: textOf(definition.private_metadata),
      definition,
      errors: {},
      hash: `${this.made}.${createHash('sha256').update(seed).digest('hex').slice(0, 8)}`,
    };
    this.views.set(id, view);
    return view;
  }
}

/** The view object of answers and payloads; `values` are what a person entered. */
export const shownView = (view: StandInView, values: object = {}): Record<string, unknown> => ({
  ...view.definition,
  id: view.id,
  team_id: TEAM.id,
  app_id: APP_ID,
  app_installed_team_id: TEAM.id,
  callback_id: view.callbackId,
  private_metadata: view.privateMetadata,
  state: { values },
  hash: view.hash,
  root_view_id: view.id,
  previous_view_id: null,
  external_id: '',
});

/** What was entered as Slack writes it, by the elements of the view's input blocks. */
export function stateValues(view: StandInView, input: ViewInput): Record<string, object> {
  const blocks = view.definition.blocks as Record<string, unknown>[];
  const inputs = blocks.filter(({ type }) => type === 'input');
  return Object.fromEntries(
    inputs.map((block) => {
      const element = { ...(block.element as Record<string, unknown>) };
      const [blockId, actionId] = [String(block.block_id), String(element.action_id)];
      const entered = input[blockId]?.[actionId];
      if (entered === undefined && block.optional !== true)
        throw new Error(`${blockId}.${actionId} must be filled in`);
      return [blockId, { [actionId]: elementState(element, entered ?? null) }];
    }),
  );
}

function elementState(element: Record<string, unknown>, entered: string | null): object {
  const type = String(element.type);
  if (type === 'plain_text_input') return { type, value: entered };
  if (type === 'datepicker') return { type, selected_date: entered };
  if (type === 'users_select') return { type, selected_user: entered };
  const options = element.options as Record<string, unknown>[];
  const option = options.find(({ value }) => value === entered);
  if (entered !== null && option === undefined) throw new Error(`'${entered}' is no option`);
  return { type, selected_option: option ?? null };
}

function definitionOf(json: string): Readonly<Record<string, unknown>> {
  if (json.length > MAX_VIEW_BYTES) throw new SlackApiError('view_too_large');
  const view = objectOf(json);
  const { title, blocks, submit } = view;
  const problems: string[] = [];
  if (view.type !== 'modal') problems.push('[ERROR] unsupported type [json-pointer:/view/type]');
  const titleText = (title as { text?: unknown } | undefined)?.text;
  if (typeof titleText !== 'string' || titleText === '' || titleText.length > MAX_TITLE)
    problems.push(`[ERROR] must be 1 to ${MAX_TITLE} characters [json-pointer:/view/title/text]`);
  if (textOf(view.private_metadata).length > MAX_METADATA)
    problems.push('[ERROR] is too long [json-pointer:/view/private_metadata]');
  if (!Array.isArray(blocks) || blocks.length > MAX_BLOCKS) {
    problems.push(`[ERROR] must hold at most ${MAX_BLOCKS} items [json-pointer:/view/blocks]`);
  } else {
    problems.push(...blockProblems(blocks, 'view').problems);
    const hasInput = blocks.some((block: { type?: unknown }) => block.type === 'input');
    if (hasInput && submit === undefined)
      problems.push('[ERROR] submit is required with input blocks [json-pointer:/view/submit]');
  }
  if (problems.length > 0) throw new SlackApiError('invalid_arguments', problems);
  return view;
}

function objectOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Said below in Slack's words.
  }
  throw new SlackApiError('invalid_arguments', ['[ERROR] must be a JSON object']);
}
