import { queryError } from './salesforce-error';

export interface Token {
  kind: 'word' | 'text' | 'number' | 'date' | 'datetime' | 'symbol' | 'end';
  /** As written; of a text, without its quotes and escapes. */
  text: string;
  at: number;
}

const PATTERNS: readonly [Token['kind'], RegExp][] = [
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/y],
  ['date', /\d{4}-\d{2}-\d{2}(?![\dT])/y],
  ['number', /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['word', /[A-Za-z]\w*(?:\.[A-Za-z]\w*)*/y],
  ['symbol', /<=|>=|!=|<>|[=<>(),:]/y],
];
const SPACE = /\s+/y;
const QUOTED = /'((?:[^'\\\n]|\\[\s\S])*)'/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The query cut into words; the last token is the end. */
export function soqlTokens(soql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < soql.length) {
    const space = matchAt(SPACE, soql, at);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const quoted = matchAt(QUOTED, soql, at);
    if (quoted !== null) {
      tokens.push({ kind: 'text', text: unescaped(quoted[1] ?? ''), at });
      at += quoted[0].length;
      continue;
    }
    const token = tokenAt(soql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '<EOF>', at: soql.length }];
}

function tokenAt(soql: string, at: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    const match = matchAt(pattern, soql, at);
    if (match !== null) return { kind, text: match[0], at };
  }
  const character = soql.charAt(at);
  const message =
    character === "'"
      ? "line 1:-1 mismatched character '<EOF>' expecting '''"
      : `unexpected token: '${character}'`;
  throw queryError('MALFORMED_QUERY', soql, at, message);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Escapes of a text; those of LIKE's wildcards are kept for the pattern. */
const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (whole, character: string) =>
    character === '%' || character === '_' ? whole : (ESCAPES[character] ?? character),
  );
