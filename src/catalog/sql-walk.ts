import {
  nodeFields,
  refusedFields,
  refusedNodes,
  refusedOther,
  type SqlRefusal,
} from './sql-grammar';

/** An untagged node of PostgreSQL's parse tree. */
export type SqlNode = Record<string, unknown>;

export interface SqlVisitor {
  /** Receives what is refused; `offset` is in bytes of the parsed text. */
  refuse(offset: number, refusal: SqlRefusal): void;
  /** Checks a node of a listed type before its fields are walked; false leaves them out. */
  visit(type: string, node: SqlNode, at: SqlPlace): boolean;
}

export interface SqlPlace {
  /** Byte offset of the node, or of the nearest node around it. */
  offset: number;
  /** Names of common table expressions that may be read here. */
  scope: ReadonlySet<string>;
  /** Nodes around it. */
  depth: number;
}

/** Deepest nesting that is judged; deeper SQL is refused unread. */
export const MAX_SQL_DEPTH = 500;

/** Where a walk begins. */
export const topPlace: SqlPlace = { offset: 0, scope: new Set(), depth: 0 };

const isRecord = (value: unknown): value is SqlNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The node under a tag: `{ FuncCall: {…} }` → ['FuncCall', {…}]; null for the empty node. */
export function untag(value: unknown): [type: string, node: SqlNode] | null {
  if (!isRecord(value)) return null;
  const [entry] = Object.entries(value);
  return entry ? [entry[0], isRecord(entry[1]) ? entry[1] : {}] : null;
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The words of a dotted name: `[{ String: { sval: 'a' } }, …]` → ['a', …]. */
export function wordsOf(value: unknown): string[] {
  return listOf(value).map((part) => {
    const [type, node] = untag(part) ?? ['', {}];
    return type === 'String' && typeof node.sval === 'string' ? node.sval : '*';
  });
}

/** Walks a tagged node and everything below it. What the grammar does not list is refused. */
export function walkTagged(value: unknown, at: SqlPlace, visitor: SqlVisitor): void {
  const tagged = untag(value);
  if (tagged) walkNode(tagged[0], tagged[1], at, visitor);
}

export function walkNode(type: string, node: SqlNode, around: SqlPlace, visitor: SqlVisitor): void {
  const own = typeof node.location === 'number' && node.location >= 0 ? node.location : undefined;
  const at = { ...around, offset: own ?? around.offset, depth: around.depth + 1 };
  if (at.depth > MAX_SQL_DEPTH) {
    const remedy = 'Split it into common table expressions.';
    visitor.refuse(at.offset, { message: 'The SQL is nested too deeply to judge.', remedy });
    return;
  }
  const fields = nodeFields[type];
  if (fields === undefined) {
    visitor.refuse(at.offset, refusedNodes[type] ?? refusedOther(type));
    return;
  }
  const unlisted = Object.keys(node).filter((name) => !Object.hasOwn(fields, name));
  for (const name of unlisted) {
    const key = `${type}.${name}`;
    visitor.refuse(at.offset, refusedFields[key] ?? refusedOther(key));
  }
  if (unlisted.length > 0 || !visitor.visit(type, node, at)) return;
  const scope = type === 'SelectStmt' ? walkWith(node.withClause, at, visitor) : at.scope;
  for (const [name, rule] of Object.entries(fields)) {
    const field = node[name];
    if (field === undefined || rule === 'value' || rule === 'WithClause') continue;
    if (rule !== 'node') {
      if (isRecord(field)) walkNode(rule, field, { ...at, scope }, visitor);
    } else {
      for (const item of Array.isArray(field) ? field : [field])
        walkTagged(item, { ...at, scope }, visitor);
    }
  }
}

/**
 * Each common table expression sees those before it, never itself: PostgreSQL would read its own
 * name inside it as a real table. Only WITH RECURSIVE gives all of its names to all of them.
 */
function walkWith(clause: unknown, at: SqlPlace, visitor: SqlVisitor): ReadonlySet<string> {
  if (!isRecord(clause)) return at.scope;
  let scope = at.scope;
  walkNode('WithClause', { ...clause, ctes: [] }, at, visitor);
  const nameOf = (cte: unknown): string => String(untag(cte)?.[1].ctename);
  if (clause.recursive === true) scope = new Set([...scope, ...listOf(clause.ctes).map(nameOf)]);
  for (const cte of listOf(clause.ctes)) {
    walkTagged(cte, { ...at, scope }, visitor);
    scope = new Set([...scope, nameOf(cte)]);
  }
  return scope;
}
