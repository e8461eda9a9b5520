import { loadModule, parse } from 'libpg-query';
import {
  lineAt,
  parameterUses,
  parametersOf,
  rewriteReferences,
  tokenizeSql,
  type SqlToken,
} from '../core/bind-parameters';
import type { Side } from '../core/control';
import type { Problem } from '../core/problem';
import type { SqlRefusal } from './sql-grammar';
import { GuardVisitor, type Refused } from './sql-visitor';
import type { SqlSource } from './sql-vocabulary';
import { listOf, topPlace, untag, walkTagged, wordsOf, type SqlNode } from './sql-walk';

/** Longest text that is judged; longer SQL is refused unread. */
export const MAX_SQL_LENGTH = 50_000;

export interface GuardedPopulation {
  /** Where it reads; meaningless when there are problems. */
  source: SqlSource;
  /** `books.orders`, sorted. */
  relations: string[];
  /** Names of its columns, in order. */
  columns: string[];
  parameters: string[];
  /** Where it names another population, in order. */
  reads: PopulationRead[];
  problems: Problem[];
}

/** `populations.<name>` where a table may stand. */
export interface PopulationRead {
  name: string;
  /** Offset of its first character. */
  start: number;
  hasAlias: boolean;
}

/** Where a population that is named reads; or why it cannot be named here. */
export type SourceOfPopulation = (name: string) => Promise<SqlSource | SqlRefusal>;

const noneToRead: SourceOfPopulation = (name) =>
  Promise.resolve({
    message: `There is no population '${name}'.`,
    remedy: 'Read books.<table> or files.<dataset>.',
  });

/**
 * Judges population SQL by PostgreSQL's own parser: one SELECT over `books` or over `files`, made
 * only of constructs known to be pure and to mean the same whenever it is run. Returns every
 * problem with its line; nothing is executed. RELIABILITY §5 lists the attempts it must refuse.
 */
export async function guardPopulation(
  sql: string,
  file: string,
  sourceOf: SourceOfPopulation = noneToRead,
  /** Whether it may hold a list of its own, and read no table: for others to read. */
  mayBeList = false,
): Promise<GuardedPopulation> {
  const problem = problemIn(file, sql);
  const problems = textProblems(sql, true).map(({ offset, ...rest }) => problem(offset, rest));
  const visitor = new GuardVisitor('population');
  const statement = problems.length > 0 ? null : await parseOne(sql, sql, problem, problems);
  let columns: string[] = [];
  if (statement) {
    walkTagged(statement, topPlace, visitor);
    columns = topLevel(statement, visitor);
    nameProblems(columns).forEach((refusal) => visitor.refuse(0, refusal));
  }
  const read = await sourcesRead(visitor, sourceOf);
  const source = sourceOfAll(visitor, read, statement !== null && !mayBeList);
  for (const { offset, only, ...refusal } of visitor.refused)
    if (only === undefined || only === source)
      problems.push(problem(byteOffset(sql, offset), refusal));
  return {
    source,
    relations: [...visitor.relations].sort(),
    columns,
    parameters: parametersOf(sql),
    reads: visitor.reads.map((read) => ({ ...read, start: byteOffset(sql, read.start) })),
    problems: inOrder(problems),
  };
}

/** Sources of the populations that are named; a name that cannot be read is refused. */
async function sourcesRead(
  visitor: GuardVisitor,
  sourceOf: SourceOfPopulation,
): Promise<SqlSource[]> {
  const sources: SqlSource[] = [];
  for (const { name, start } of visitor.reads) {
    const source = await sourceOf(name);
    if (typeof source === 'string') sources.push(source);
    else visitor.refuse(start, source);
  }
  return sources;
}

export interface ColumnReference {
  side: Side;
  column: string;
}

export interface GuardedExpression {
  /** Each once, in order of first use. */
  references: ColumnReference[];
  parameters: string[];
  problems: Problem[];
}

/**
 * Judges the scalar expression of a finding: no query, aggregate or window, the functions both
 * engines read alike, and columns only as `side.column`. `line` is where its text begins in `file`.
 */
export async function guardExpression(
  expression: string,
  place: { sides: readonly Side[]; file: string; line?: number; field: string },
): Promise<GuardedExpression> {
  const { sides, file, line, field } = place;
  const problem = (_offset: number, refusal: SqlRefusal): Problem => ({
    file,
    ...(line === undefined ? {} : { line }),
    field,
    ...refusal,
  });
  const problems = textProblems(expression, false).map((found) => problem(0, pick(found)));
  const visitor = new GuardVisitor('expression');
  // `left` and `right` are reserved words; `$` cannot occur in what the author wrote.
  const text = `select ${rewriteReferences(expression, (side, name) => `${side}$.${name}`)}`;
  const statement = problems.length > 0 ? null : await parseOne(text, text, problem, problems);
  if (statement && isBareExpression(statement)) walkTagged(statement, topPlace, visitor);
  else if (statement)
    problems.push(
      problem(0, {
        message: 'This is not one expression.',
        remedy: 'Write a single condition or value over columns, such as left.a <> right.a.',
      }),
    );
  for (const found of visitor.refused)
    if (found.only !== 'books') problems.push(problem(0, pick(found)));
  const references = new Map<string, ColumnReference>();
  for (const { words } of visitor.columns) {
    const side = sides.find((name) => `${name}$` === words[0]);
    const column = words[1];
    if (side && column !== undefined && column !== '*' && words.length === 2)
      references.set(words.join('.'), { side, column });
    else problems.push(problem(0, unknownReference(words, sides)));
  }
  return {
    references: [...references.values()],
    parameters: parametersOf(expression),
    problems: unique(problems),
  };
}

const pick = ({ message, remedy }: SqlRefusal): SqlRefusal => ({ message, remedy });

function unknownReference(words: readonly string[], sides: readonly Side[]): SqlRefusal {
  const shown = words.join('.').replaceAll('$', '');
  return {
    message: `'${shown}' does not name a column of ${sides.join(' or ')}.`,
    remedy: `Write ${sides.map((side) => `${side}.<column>`).join(' or ')}; quote text as 'text'.`,
  };
}

function isBareExpression(statement: unknown): boolean {
  const [type, node] = untag(statement) ?? ['', {}];
  const targets = listOf(node.targetList).map((target) => untag(target)?.[1]);
  const known = ['targetList', 'limitOption', 'op'];
  return (
    type === 'SelectStmt' &&
    targets.length === 1 &&
    targets[0]?.name === undefined &&
    Object.keys(node).every((key) => known.includes(key))
  );
}

let parserReady: Promise<void> | undefined;

/** The one SELECT of a text, or null with the reason among the problems. */
async function parseOne(
  sql: string,
  shown: string,
  problem: (offset: number, refusal: SqlRefusal) => Problem,
  problems: Problem[],
): Promise<unknown> {
  parserReady ??= loadModule();
  await parserReady;
  let statements: readonly { stmt?: unknown }[];
  try {
    statements = (await parse(maskParameters(sql))).stmts ?? [];
  } catch (cause) {
    const { message, offset } = syntaxError(cause, shown);
    const remedy = 'Write it as PostgreSQL reads it.';
    problems.push(problem(offset, { message: `This is not valid SQL: ${message}.`, remedy }));
    return null;
  }
  const [only] = statements;
  if (statements.length === 1 && untag(only?.stmt)?.[0] === 'SelectStmt') return only?.stmt;
  const [type] = untag(only?.stmt) ?? [''];
  problems.push(
    problem(0, {
      message:
        statements.length === 1
          ? `This is not a SELECT (${type}).`
          : `There are ${statements.length} statements here.`,
      remedy: 'A population only reads: write one SELECT.',
    }),
  );
  return null;
}

function syntaxError(cause: unknown, sql: string): { message: string; offset: number } {
  const message = cause instanceof Error ? cause.message : String(cause);
  const details: unknown =
    cause instanceof Error && 'sqlDetails' in cause ? cause.sqlDetails : undefined;
  const position =
    typeof details === 'object' && details !== null && 'cursorPosition' in details
      ? Number(details.cursorPosition)
      : 0;
  return { message, offset: Math.min(Math.max(position, 0), sql.length) };
}

/** The parser knows `$1`, not `:name`; same length, so that its locations stay the file's. */
function maskParameters(sql: string): string {
  return tokenizeSql(sql)
    .map(({ kind, text }) => (kind === 'parameter' ? '$1'.padEnd(text.length) : text))
    .join('');
}

/** What the text alone shows: what two scanners might read differently never gets to be parsed. */
function textProblems(sql: string, comments: boolean): Refused[] {
  if (sql.length > MAX_SQL_LENGTH)
    return [
      {
        offset: 0,
        message: `The SQL has more than ${MAX_SQL_LENGTH} characters.`,
        remedy: 'Split it into several populations.',
      },
    ];
  const tokens = tokenizeSql(sql);
  const found = tokens.flatMap((token, i): Refused[] => {
    const refusal = tokenProblem(token, tokens[i + 1], comments);
    return refusal ? [{ offset: token.start, ...refusal }] : [];
  });
  for (const { touching, start, name } of parameterUses(sql))
    if (touching)
      found.push({
        offset: start,
        message: `:${name} touches the text beside it.`,
        remedy: 'Put spaces around the parameter.',
      });
  return found;
}

function tokenProblem(
  token: SqlToken,
  next: SqlToken | undefined,
  comments: boolean,
): SqlRefusal | null {
  const { kind, text } = token;
  if (kind === 'prefixed' || kind === 'dollar_string')
    return { message: `${text.slice(0, 3)}… is a special form of text.`, remedy: "Write 'text'." };
  if (kind === 'symbol' && text === ';')
    return { message: 'A semicolon ends the statement.', remedy: 'Remove it: one SELECT only.' };
  if (kind === 'symbol' && /[$\0]/.test(text))
    return { message: `'${text}' is not part of control SQL.`, remedy: 'Use :named parameters.' };
  if (kind === 'number' && next?.kind === 'name')
    return {
      message: `${text}${next.text} is not a plain number.`,
      remedy: 'Write all its digits, such as 1000 or 0.001.',
    };
  if (kind === 'name' && /[^\w]/.test(text))
    return { message: `The name ${text} is not plain.`, remedy: 'Use a-z, 0-9 and _.' };
  if (kind === 'space' && /[^ \t\r\n]|\r(?!\n)/.test(text))
    return { message: 'There is an unusual blank here.', remedy: 'Use spaces and line breaks.' };
  if (kind === 'block_comment' && text.indexOf('/*', 2) > 0)
    return { message: 'A comment is nested in a comment.', remedy: 'Begin comments with --.' };
  if (!comments && (kind === 'line_comment' || kind === 'block_comment'))
    return { message: 'A comment stands in the expression.', remedy: 'Move it above, after #.' };
  return null;
}

/** Column names of the statement; stars, unnamed columns and a LIMIT are refused on the way. */
function topLevel(statement: unknown, visitor: GuardVisitor): string[] {
  const columns = arms(untag(statement)?.[1] ?? {}).map((select) => {
    if (select.limitCount !== undefined)
      visitor.refuse(0, {
        message: 'LIMIT leaves items out of the population.',
        remedy: 'State the scope as a condition in WHERE.',
      });
    return listOf(select.targetList).map((target, i) => columnName(target, i, visitor));
  });
  return columns[0] ?? [];
}

/** The SELECTs that a UNION, EXCEPT or INTERSECT is made of, left to right. */
function arms(select: SqlNode): SqlNode[] {
  const [left, right] = [select.larg, select.rarg] as (SqlNode | undefined)[];
  if (!left || !right) return [select];
  return [...arms(left), ...arms(right), ...(select.limitCount === undefined ? [] : [select])];
}

function columnName(target: unknown, index: number, visitor: GuardVisitor): string {
  const node = untag(target)?.[1] ?? {};
  if (typeof node.name === 'string') return node.name;
  const [type, value] = untag(node.val) ?? ['', {}];
  const name = type === 'ColumnRef' ? wordsOf(value.fields).at(-1) : undefined;
  const offset = typeof node.location === 'number' ? Math.max(node.location, 0) : 0;
  if (name === '*')
    visitor.refuse(offset, {
      message: 'select * returns whatever columns the table has on the day.',
      remedy: 'Name the columns.',
    });
  else if (name === undefined)
    visitor.refuse(offset, {
      message: `Column ${index + 1} has no name of its own.`,
      remedy: 'Give it one: … as name.',
    });
  return name ?? '';
}

function nameProblems(columns: readonly string[]): SqlRefusal[] {
  return columns.flatMap((name, i): SqlRefusal[] => {
    if (name === '' || name === '*') return [];
    if (!/^[a-z_][a-z0-9_]*$/.test(name))
      return [
        { message: `The column "${name}" is not a plain name.`, remedy: 'Use a-z, 0-9 and _.' },
      ];
    return columns.indexOf(name) < i
      ? [{ message: `Two columns are named ${name}.`, remedy: 'Give one of them another name.' }]
      : [];
  });
}

function sourceOfAll(
  visitor: GuardVisitor,
  read: readonly SqlSource[],
  mustRead: boolean,
): SqlSource {
  const own = [...visitor.relations].map((relation) => relation.split('.')[0]);
  const schemas = new Set([...own, ...read]);
  if (schemas.size === 2)
    visitor.refuse(0, {
      message: 'The population reads books and files together.',
      remedy: 'Land the file in books (lands_in in tieout.yaml), or use one population each.',
    });
  if (mustRead && schemas.size === 0 && visitor.refused.length === 0)
    visitor.refuse(0, {
      message: 'The population reads no table.',
      remedy: 'Read books.<table> or files.<dataset>.',
    });
  return schemas.has('files') && !schemas.has('books') ? 'files' : 'books';
}

const problemIn =
  (file: string, sql: string) =>
  (offset: number, { message, remedy }: SqlRefusal): Problem => ({
    file,
    line: lineAt(sql, offset),
    message,
    remedy,
  });

/** The parser counts bytes of UTF-8; the text counts UTF-16 units. */
function byteOffset(sql: string, bytes: number): number {
  return Buffer.from(sql, 'utf8').subarray(0, bytes).toString('utf8').length;
}

function unique(problems: readonly Problem[]): Problem[] {
  const texts = problems.map((problem) => JSON.stringify(problem));
  return problems.filter((_, i) => texts.indexOf(texts[i] ?? '') === i);
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  unique(problems).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
