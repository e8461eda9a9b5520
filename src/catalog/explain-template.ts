import type { Side } from '../core/control';

export interface Placeholder {
  side: Side;
  column: string;
}

/**
 * The `{left.name}` of an explain template, in order, and whatever else stands in braces. A brace
 * without its partner is among the unreadable.
 */
export function placeholdersOf(template: string): {
  placeholders: Placeholder[];
  unreadable: string[];
} {
  const placeholders: Placeholder[] = [];
  const unreadable: string[] = [];
  const rest = template.replace(/\{([^{}]*)\}/g, (whole, inside: string) => {
    const match = /^(left|right|item)\.([a-z_][a-z0-9_]*)$/.exec(inside);
    const [side, column] = [match?.[1], match?.[2]];
    if ((side === 'left' || side === 'right' || side === 'item') && column !== undefined)
      placeholders.push({ side, column });
    else unreadable.push(whole);
    return '';
  });
  unreadable.push(...(rest.match(/[{}]/g) ?? []));
  return { placeholders, unreadable };
}
