import type { Paint } from './paint';

/** Where text is laid out: columns of the terminal and its colours. */
export interface Page {
  width: number;
  paint: Paint;
}

const narrowest = 80;
/** Beyond this the eye loses the line between a label and its amount. */
const widest = 110;

/** The width to lay out for; a stream that is no terminal has none and gets the middle. */
export const pageWidth = (columns: number | undefined): number =>
  Math.min(Math.max(columns ?? 100, narrowest), widest);

/** Control characters would move the cursor or change colours: data never may. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** Columns a text takes: code points, without colours; marks that combine take none. */
export function textWidth(text: string): number {
  const escape = String.fromCharCode(27);
  const bare = text.replace(new RegExp(`${escape}\\[\\d+m`, 'g'), '').replace(/\p{Mn}/gu, '');
  const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/;
  return [...bare].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

export const padLeft = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - textWidth(text))) + text;

export const padRight = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - textWidth(text)));

/** Lines of at most `width` columns, broken at spaces; a longer word is broken where it must. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((one) => pieces(one, width))) {
      const joined = line === '' ? word : `${line} ${word}`;
      if (textWidth(joined) <= width) line = joined;
      else {
        lines.push(line);
        line = word;
      }
    }
    lines.push(line);
  }
  return lines;
}

function pieces(word: string, width: number): string[] {
  if (textWidth(word) <= width) return [word];
  const characters = [...word];
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += width)
    parts.push(characters.slice(at, at + width).join(''));
  return parts;
}

/** Cuts at `width` columns, with an ellipsis where something was cut. */
export const clip = (text: string, width: number): string =>
  textWidth(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;

/** Left and right text on one line, or on two when they do not fit. */
export function spread(left: string, right: string, width: number): string[] {
  const room = width - textWidth(left) - textWidth(right);
  return room >= 2 ? [left + ' '.repeat(room) + right] : [left, padLeft(right, width)];
}

export const indent = (lines: readonly string[], columns: number): string[] =>
  lines.map((line) => (line === '' ? '' : ' '.repeat(columns) + line));

/** '1 exception', '2 exceptions', '1,204 exceptions'. */
export const counted = (count: number | string, one: string, many = `${one}s`): string =>
  `${groupDigits(String(count))} ${String(count) === '1' ? one : many}`;

/** '1204233' → '1,204,233', for counts of any size. */
export const groupDigits = (count: string): string => count.replace(/\B(?=(\d{3})+$)/g, ',');

/** '0.8 s', '1 min 12 s'; from whole milliseconds. */
export function duration(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
