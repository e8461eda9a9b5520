import { checkElement } from './block-elements';

/** Block Kit's limits on the blocks that alerts may use (docs.slack.dev, block-kit/blocks). */
const MAX_SECTION_TEXT = 3_000;
const MAX_HEADER_TEXT = 150;
const MAX_FIELD_TEXT = 2_000;
const MAX_FIELDS = 10;
const MAX_CONTEXT_ELEMENTS = 10;
const MAX_ACTION_ELEMENTS = 25;
const MAX_LABEL_TEXT = 2_000;
const TEXT_TYPES = ['mrkdwn', 'plain_text'];

/** What Slack would refuse in a list of blocks, as it would word it, and the characters in all. */
export function blockProblems(
  blocks: readonly unknown[],
  surface: 'message' | 'view' = 'message',
): {
  problems: string[];
  characters: number;
} {
  const problems: string[] = [];
  let characters = 0;
  const text = (value: unknown, at: string, limit: number, types = TEXT_TYPES): void => {
    const { type, text: content } = fields(value);
    if (typeof type !== 'string' || !types.includes(type)) {
      problems.push(`[ERROR] unsupported type: ${String(type)} [json-pointer:${at}/type]`);
    } else if (typeof content !== 'string' || content === '') {
      problems.push(`[ERROR] must be more than 0 characters [json-pointer:${at}/text]`);
    } else {
      characters += content.length;
      if (content.length > limit)
        problems.push(
          `[ERROR] must be less than ${limit + 1} characters [json-pointer:${at}/text]`,
        );
    }
  };
  blocks.forEach((block, index) => {
    const at = `/blocks/${index}`;
    const { type, text: own, fields: columns, elements, accessory, ...rest } = fields(block);
    switch (type) {
      case 'divider':
        break;
      case 'header':
        text(own, `${at}/text`, MAX_HEADER_TEXT, ['plain_text']);
        break;
      case 'section':
        if (own !== undefined || columns === undefined) text(own, `${at}/text`, MAX_SECTION_TEXT);
        each(columns, `${at}/fields`, MAX_FIELDS, problems, (value, where) =>
          text(value, where, MAX_FIELD_TEXT),
        );
        if (accessory !== undefined) checkElement(accessory, `${at}/accessory`, problems, text);
        break;
      case 'actions':
        each(elements ?? null, `${at}/elements`, MAX_ACTION_ELEMENTS, problems, (value, where) =>
          checkElement(value, where, problems, text),
        );
        break;
      case 'context':
        each(elements ?? null, `${at}/elements`, MAX_CONTEXT_ELEMENTS, problems, (value, where) =>
          text(value, where, MAX_SECTION_TEXT),
        );
        break;
      default:
        if (type === 'input' && surface === 'view') {
          text(rest.label, `${at}/label`, MAX_LABEL_TEXT, ['plain_text']);
          checkElement(rest.element, `${at}/element`, problems, text);
        } else problems.push(`[ERROR] unsupported type: ${String(type)} [json-pointer:${at}/type]`);
    }
  });
  return { problems, characters };
}

function each(
  list: unknown,
  at: string,
  limit: number,
  problems: string[],
  visit: (value: unknown, at: string) => void,
): void {
  if (list === undefined) return;
  if (!Array.isArray(list) || list.length === 0 || list.length > limit)
    problems.push(`[ERROR] must hold 1 to ${limit} items [json-pointer:${at}]`);
  else list.forEach((value: unknown, index) => visit(value, `${at}/${index}`));
}

const fields = (value: unknown): Record<string, unknown> => ({ ...(value as object | null) });
