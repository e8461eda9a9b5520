import { tokenizeSql } from '../core/bind-parameters';
import { quoteName } from '../core/sql-text';
import type { QueryPart } from './catalog';
import type { PopulationRead } from './guard-sql';

/** The text of one population, in which others stand under the names they have in a query. */
export interface PlacedText {
  file: string;
  text: string;
  /** Its own name in a query that reads it: `populations.metered_periods`. */
  place: string;
}

/** A text with every `populations.<name>` as the name that population has in the query. */
export function placeReads(
  sql: string,
  reads: readonly PopulationRead[],
  placeOf: (name: string) => string,
): string {
  const tokens = tokenizeSql(sql);
  const parts: string[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const read = reads.find(({ start }) => start === tokens[i]?.start);
    if (!read) {
      parts.push(tokens[i]?.text ?? '');
      continue;
    }
    // On to the name after the dot; line breaks on the way are kept, for the lines after them.
    for (let named = 0; named < 2; i += 1) {
      const token = tokens[i];
      if (token?.kind === 'name' || token?.kind === 'quoted_name') named += 1;
      else if (token?.kind !== 'symbol') parts.push(token?.text ?? '');
    }
    i -= 1;
    parts.push(quoteName(placeOf(read.name)), read.hasAlias ? '' : ` as ${read.name}`);
  }
  return parts.join('');
}

/**
 * One query of a population and those it reads, each once, as common table expressions in front:
 * what is executed and kept as evidence needs nothing beside it.
 */
export function composeQuery(
  main: PlacedText,
  reads: readonly PlacedText[],
): { query: string; parts: QueryPart[] } {
  if (reads.length === 0)
    return { query: main.text, parts: [{ file: main.file, line: 1, sql: main.text }] };
  const lines: string[] = [];
  const parts: QueryPart[] = [];
  const add = ({ file, text }: PlacedText): void => {
    parts.push({ file, line: lines.length + 1, sql: text });
    lines.push(...text.split('\n'));
  };
  reads.forEach((read, i) => {
    lines.push(`${i === 0 ? 'with ' : '), '}${quoteName(read.place)} as (`);
    add(read);
  });
  lines.push(')', 'select * from (');
  add(main);
  lines.push(') q');
  return { query: lines.join('\n'), parts };
}

/** The file of a line of a composed query, and its line there. */
export function placeOfLine(
  parts: readonly QueryPart[],
  line: number,
): { file: string | undefined; line: number } {
  const part = parts.findLast((one) => one.line <= line) ?? parts[0];
  return { file: part?.file, line: line - (part?.line ?? 1) + 1 };
}
