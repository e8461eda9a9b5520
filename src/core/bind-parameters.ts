import { isDate } from './calendar';
import { InvalidInput, type Problem } from './problem';

/** Parameters every population may use: `as_of`, the half-open period, and the entity's id. */
export const builtInParameters = ['as_of', 'period_start', 'period_end', 'entity'] as const;

export type ParameterType = 'date' | 'text' | 'decimal' | 'integer' | 'boolean';

/** A value as text with the SQL type it binds as; `2026-06-30`, `true`, `-12.50`. */
export interface ParameterValue {
  type: ParameterType;
  value: string;
}

export type SqlTokenKind =
  | 'name'
  | 'quoted_name'
  | 'number'
  | 'string'
  /** E'…', U&'…', U&"…", B'…', X'…', N'…': text whose meaning depends on its prefix. */
  | 'prefixed'
  | 'dollar_string'
  | 'parameter'
  | 'line_comment'
  | 'block_comment'
  | 'space'
  | 'symbol';

export interface SqlToken {
  kind: SqlTokenKind;
  text: string;
  /** Offset of its first character. */
  start: number;
}

const patterns: readonly [SqlTokenKind, RegExp][] = [
  ['space', /\s+/y],
  ['line_comment', /--[^\n\r]*/y],
  ['string', /'(?:[^']|'')*'/y],
  ['quoted_name', /"(?:[^"]|"")*"/y],
  ['prefixed', /[eE]'(?:[^'\\]|''|\\[^])*'/y],
  ['prefixed', /[uU]&(?:'(?:[^']|'')*'|"(?:[^"]|"")*")/y],
  ['prefixed', /[bBxXnN]'(?:[^']|'')*'/y],
  ['dollar_string', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[^]*?\$\1\$/y],
  ['name', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['number', /\d[\d.]*/y],
  ['symbol', /::|:=/y],
  ['parameter', /:[A-Za-z_]\w*/y],
];

/**
 * Splits SQL into tokens the way PostgreSQL's scanner does, so that a `:name` inside a literal, a
 * quoted name or a comment is never taken for a parameter. The texts joined give the SQL back.
 */
export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let start = 0; start < sql.length;) {
    const token = tokenAt(sql, start);
    tokens.push(token);
    start += token.text.length;
  }
  return tokens;
}

function tokenAt(sql: string, start: number): SqlToken {
  if (sql.startsWith('/*', start))
    return { kind: 'block_comment', text: sql.slice(start, blockCommentEnd(sql, start)), start };
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start;
    const text = pattern.exec(sql)?.[0];
    if (text) return { kind, text, start };
  }
  return { kind: 'symbol', text: sql.charAt(start), start };
}

/** Block comments nest in PostgreSQL; one that is never closed runs to the end. */
function blockCommentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length;) {
    if (sql.startsWith('/*', at)) [depth, at] = [depth + 1, at + 2];
    else if (sql.startsWith('*/', at)) [depth, at] = [depth - 1, at + 2];
    else at += 1;
    if (depth === 0) return at;
  }
  return sql.length;
}

/** 1-based line of an offset. */
export function lineAt(sql: string, offset: number): number {
  return sql.slice(0, offset).split('\n').length;
}

export interface ParameterUse {
  name: string;
  start: number;
  /** 1-based. */
  line: number;
  /** True when it touches a name, number or quote, where a literal would read as something else. */
  touching: boolean;
}

/** Every place a parameter stands, in order. */
export function parameterUses(sql: string): ParameterUse[] {
  return tokenizeSql(sql)
    .filter((token) => token.kind === 'parameter')
    .map(({ text, start }) => ({
      name: text.slice(1),
      start,
      line: lineAt(sql, start),
      touching:
        /[\w$'"\u0080-\uffff]/.test(sql.charAt(start - 1)) ||
        /[$'"\u0080-\uffff]/.test(sql.charAt(start + text.length)),
    }));
}

/** Names of the parameters a text uses, each once, in order of first use. */
export function parametersOf(sql: string): string[] {
  return [...new Set(parameterUses(sql).map((use) => use.name))];
}

/**
 * Writes parameters into SQL as typed literals that PostgreSQL (standard_conforming_strings on) and
 * DuckDB read alike. Adds no line, so a database's error position still names the file's line.
 * Throws InvalidInput listing every parameter without a usable value.
 */
export function bindParameters(sql: string, values: Record<string, ParameterValue>): string {
  const problems: Problem[] = [];
  const touching = new Set(
    parameterUses(sql)
      .filter((use) => use.touching)
      .map((use) => use.start),
  );
  const text = tokenizeSql(sql).map((token) => {
    if (token.kind !== 'parameter') return token.text;
    const name = token.text.slice(1);
    const given = Object.hasOwn(values, name) ? values[name] : undefined;
    const wrong = touching.has(token.start)
      ? `:${name} touches the text beside it.`
      : given === undefined
        ? `:${name} has no value.`
        : whyNotLiteral(given);
    if (wrong === null && given !== undefined) return literal(given);
    problems.push({
      line: lineAt(sql, token.start),
      field: name,
      message: wrong ?? `:${name} has no value.`,
      remedy: 'Give the parameter a value of its type, with spaces around its place.',
    });
    return token.text;
  });
  if (problems.length > 0) throw new InvalidInput('SQL parameters', problems);
  return text.join('');
}

const forms: Record<ParameterType, { accepts: (value: string) => boolean; form: string }> = {
  date: { accepts: isDate, form: 'a date written YYYY-MM-DD' },
  text: {
    accepts: (value) => !/[\0\n\r]|\p{Surrogate}/u.test(value),
    form: 'text on one line, without NUL',
  },
  decimal: { accepts: (value) => /^-?\d+(\.\d+)?$/.test(value), form: 'a decimal such as 12.50' },
  integer: { accepts: (value) => /^-?\d+$/.test(value), form: 'a whole number' },
  boolean: { accepts: (value) => value === 'true' || value === 'false', form: 'true or false' },
};

function whyNotLiteral({ type, value }: ParameterValue): string | null {
  const { accepts, form } = forms[type];
  return accepts(value) ? null : `the value is not ${form}.`;
}

function literal({ type, value }: ParameterValue): string {
  switch (type) {
    case 'date':
      return `date '${value}'`;
    case 'text':
      return `'${value.replaceAll("'", "''")}'`;
    case 'decimal':
    case 'integer':
      // In brackets, because `- :n` with a bare -5 would begin a comment.
      return value.startsWith('-') ? `(${value})` : value;
    case 'boolean':
      return value;
  }
}

/**
 * Rewrites the references `left.x`, `right.x` and `item.x` of an expression. `left` and `right` are
 * reserved words, so every engine needs them quoted or renamed; authors write them plain.
 */
export function rewriteReferences(
  expression: string,
  write: (side: 'left' | 'right' | 'item', column: string) => string,
): string {
  const tokens = tokenizeSql(expression);
  const parts: string[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const [token, dot, column] = [tokens[i], tokens[i + 1], tokens[i + 2]];
    const side = token?.kind === 'name' ? token.text.toLowerCase() : '';
    const named = side === 'left' || side === 'right' || side === 'item';
    if (named && tokens[i - 1]?.text !== '.' && dot?.text === '.' && column?.kind === 'name') {
      parts.push(write(side, column.text.toLowerCase()));
      i += 2;
    } else {
      parts.push(token?.text ?? '');
    }
  }
  return parts.join('');
}

/**
 * The value a control's own parameter binds as. YAML says whole numbers and truth itself; in
 * quotes, `1.5` is a decimal, `2026-06-30` a date, and anything else text.
 */
export function parameterValueOf(value: string | number | boolean): ParameterValue {
  if (typeof value === 'boolean') return { type: 'boolean', value: String(value) };
  if (typeof value === 'number') return { type: 'integer', value: String(value) };
  if (/^-?\d+\.\d+$/.test(value)) return { type: 'decimal', value };
  return { type: isDate(value) ? 'date' : 'text', value };
}
