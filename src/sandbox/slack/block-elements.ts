/** Limits of the interactive elements that the app may use (docs.slack.dev, block elements). */
const MAX_BUTTON_TEXT = 75;
const MAX_BUTTON_VALUE = 2_000;
const MAX_ACTION_ID = 255;
const MAX_OPTIONS = 100;
const MAX_OPTION_VALUE = 150;
const STYLES = ['primary', 'danger'];

/** Reports on a text object: its type, that it is not empty, and its length. */
export type CheckText = (value: unknown, at: string, limit: number, types?: string[]) => void;

/** Reports what Slack would refuse in an interactive element. */
export function checkElement(
  element: unknown,
  at: string,
  problems: string[],
  text: CheckText,
): void {
  const { type, action_id: actionId, value, style, options, text: label } = fields(element);
  const tooLong = (content: unknown, limit: number, name: string): void => {
    if (content !== undefined && (typeof content !== 'string' || content.length > limit))
      problems.push(
        `[ERROR] must be less than ${limit + 1} characters [json-pointer:${at}/${name}]`,
      );
  };
  tooLong(actionId, MAX_ACTION_ID, 'action_id');
  switch (type) {
    case 'button':
      text(label, `${at}/text`, MAX_BUTTON_TEXT, ['plain_text']);
      tooLong(value, MAX_BUTTON_VALUE, 'value');
      if (style !== undefined && !STYLES.includes(textOf(style)))
        problems.push(`[ERROR] invalid style [json-pointer:${at}/style]`);
      break;
    case 'static_select':
    case 'radio_buttons':
      if (!Array.isArray(options) || options.length === 0 || options.length > MAX_OPTIONS)
        problems.push(`[ERROR] must hold 1 to ${MAX_OPTIONS} items [json-pointer:${at}/options]`);
      else
        options.forEach((option: unknown, index) => {
          text(fields(option).text, `${at}/options/${index}/text`, MAX_BUTTON_TEXT);
          if (textOf(fields(option).value).length > MAX_OPTION_VALUE)
            problems.push(`[ERROR] value is too long [json-pointer:${at}/options/${index}/value]`);
        });
      break;
    case 'plain_text_input':
    case 'datepicker':
    case 'users_select':
      break;
    default:
      problems.push(`[ERROR] unsupported type: ${String(type)} [json-pointer:${at}/type]`);
  }
}

/** A value that should be text; anything else is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const fields = (value: unknown): Record<string, unknown> => ({ ...(value as object | null) });
