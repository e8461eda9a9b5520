import type { SqlRefusal } from './sql-grammar';
import { functionProblem, tableFunctionProblem } from './sql-functions';
import {
  allowedCasts,
  allowedOperators,
  booksOperators,
  castRefusal,
  type SqlSource,
} from './sql-vocabulary';
import {
  listOf,
  untag,
  walkTagged,
  wordsOf,
  type SqlNode,
  type SqlPlace,
  type SqlVisitor,
} from './sql-walk';

/** A refusal that holds only if the text turns out to run in that engine. */
export interface Refused extends SqlRefusal {
  offset: number;
  only?: SqlSource;
}

const identifier = /^[a-z_][a-z0-9_]*$/;
/** Texts that PostgreSQL turns into a moving date, or into a number or date without a value. */
const specialValue =
  /^\s*(now|today|tomorrow|yesterday|epoch|[+-]?inf(inity)?|nan)(\s+[\d:.+-].*)?\s*$/i;

/** Judges every node of a statement and remembers which relations and columns it names. */
export class GuardVisitor implements SqlVisitor {
  readonly refused: Refused[] = [];
  /** `books.orders`, `files.payments`. */
  readonly relations = new Set<string>();
  readonly columns: { words: string[]; offset: number }[] = [];
  /** Other populations, with the byte offset of each. */
  readonly reads: { name: string; start: number; hasAlias: boolean }[] = [];

  /** `expression`: one scalar over columns, without queries, aggregates or windows. */
  constructor(private readonly mode: 'population' | 'expression') {}

  refuse(offset: number, refusal: SqlRefusal, only?: SqlSource): void {
    this.refused.push({ offset, ...refusal, ...(only ? { only } : {}) });
  }

  visit(type: string, node: SqlNode, at: SqlPlace): boolean {
    switch (type) {
      case 'RangeVar':
        this.relation(node, at);
        return true;
      case 'CommonTableExpr':
        this.named(node, at);
        return true;
      case 'ColumnRef':
        this.columns.push({ words: wordsOf(node.fields), offset: at.offset });
        return true;
      case 'FuncCall':
        return this.call(node, at);
      case 'RangeFunction':
        return this.tableFunction(node, at);
      case 'A_Expr':
        return this.operator(node, at);
      case 'TypeCast':
        return this.cast(node, at);
      case 'A_Const':
        this.constant(node, at);
        return true;
      case 'SelectStmt':
        this.select(node, at);
        return true;
      case 'SubLink':
        return this.subquery(node, at);
      case 'SortBy':
        this.sort(node, at);
        return true;
      default:
        return true;
    }
  }

  private relation(node: SqlNode, at: SqlPlace): void {
    const [schema, name] = [textField(node.schemaname), textField(node.relname) ?? ''];
    if (schema === undefined && at.scope.has(name)) return;
    if (schema === 'populations' && identifier.test(name)) {
      this.reads.push({ name, start: at.offset, hasAlias: node.alias !== undefined });
      return;
    }
    const remedy =
      'Read books.<table>, files.<dataset> or populations.<name>, always with its schema.';
    if ((schema !== 'books' && schema !== 'files') || !identifier.test(name)) {
      const shown = schema === undefined ? name : `${schema}.${name}`;
      this.refuse(at.offset, { message: `'${shown}' is not a table of books or files.`, remedy });
      return;
    }
    if (node.inh !== true)
      this.refuse(at.offset, { message: 'ONLY leaves out partitions.', remedy: 'Remove ONLY.' });
    this.relations.add(`${schema}.${name}`);
  }

  /** A quoted name could stand for a population that is read. */
  private named(node: SqlNode, at: SqlPlace): void {
    const name = textField(node.ctename) ?? '';
    if (identifier.test(name)) return;
    const remedy = 'Use a-z, 0-9 and _.';
    this.refuse(at.offset, { message: `The name "${name}" is not plain.`, remedy });
  }

  private call(node: SqlNode, at: SqlPlace): boolean {
    const problem = functionProblem(node, this.mode);
    if (problem) this.refuse(at.offset, problem, problem.only);
    return problem === null || problem.only !== undefined;
  }

  private tableFunction(node: SqlNode, at: SqlPlace): boolean {
    for (const item of listOf(node.functions)) {
      const [call] = listOf(untag(item)?.[1].items);
      const [type, own] = untag(call) ?? ['', {}];
      const problem =
        type === 'FuncCall'
          ? tableFunctionProblem(own)
          : { message: 'A value is used as a table.', remedy: 'List fixed rows with VALUES.' };
      const offset = typeof own.location === 'number' ? own.location : at.offset;
      if (problem) this.refuse(offset, problem);
      else
        this.refuse(
          offset,
          { message: 'A function is used as a table.', remedy: 'This needs a table of books.' },
          'files',
        );
      for (const argument of listOf(own.args)) walkTagged(argument, at, this);
    }
    return false;
  }

  /** Time, rows and temporary files limit a recursion; the memory of a UNION they do not. */
  private recursion(clause: unknown, at: SqlPlace): void {
    const node = (clause ?? {}) as SqlNode;
    if (node.recursive !== true) return;
    this.refuse(
      at.offset,
      { message: 'WITH RECURSIVE is for books alone.', remedy: 'Write plain WITH.' },
      'files',
    );
    for (const cte of listOf(node.ctes)) {
      const { ctename, ctequery } = untag(cte)?.[1] ?? {};
      const query = untag(ctequery)?.[1] ?? {};
      if (query.all === true || !readsTable(ctequery, ctename)) continue;
      this.refuse(at.offset, {
        message: `${String(ctename)} repeats itself by UNION, which keeps every row in memory.`,
        remedy: 'Write UNION ALL, with a condition that ends it.',
      });
    }
  }

  private operator(node: SqlNode, at: SqlPlace): boolean {
    const [kind, words] = [String(node.kind), wordsOf(node.name)];
    const shown = words.join('.');
    if (kind.includes('BETWEEN')) {
      const remedy = 'Write a half-open range: x >= … and x < ….';
      this.refuse(at.offset, { message: 'BETWEEN counts the last boundary twice.', remedy });
      return false;
    }
    if (words.length === 1 && kind === 'AEXPR_OP' && booksOperators.includes(shown)) {
      const message = `The operator ${shown} does not exist, or differs, in DuckDB.`;
      this.refuse(at.offset, { message, remedy: 'Return what it compares.' }, 'files');
      return true;
    }
    if (words.length !== 1 || !allowedOperators[kind]?.includes(shown)) {
      this.refuse(at.offset, {
        message: `The operator ${shown} is not allowed in control SQL.`,
        remedy: 'Use + - * / % || = <> < <= > >= in, like, is [not] distinct from.',
      });
      return false;
    }
    if (shown === '/')
      this.refuse(
        at.offset,
        {
          message: 'DuckDB divides into binary floating point.',
          remedy: 'Multiply instead: a > b * 0.01 for a / b > 0.01.',
        },
        'files',
      );
    const pattern = kind.includes('LIKE') ? constantText(node.rexpr) : undefined;
    if (pattern?.includes('\\'))
      this.refuse(at.offset, {
        message: 'A backslash in LIKE escapes in one engine and not in the other.',
        remedy: 'Use starts_with(), strpos() or = instead.',
      });
    return true;
  }

  private cast(node: SqlNode, at: SqlPlace): boolean {
    const type = (node.typeName ?? {}) as SqlNode;
    const words = wordsOf(type.names);
    const name = words.at(-1) ?? '';
    const qualified = words.length > 1 && words[0] !== 'pg_catalog';
    if (qualified || !allowedCasts.has(name)) {
      this.refuse(at.offset, castRefusal(name));
      return false;
    }
    const sizes = listOf(type.typmods).length;
    if (sizes > 0 && name !== 'numeric' && name !== 'interval')
      this.refuse(at.offset, {
        message: `A length or precision on ${name} cuts values off silently.`,
        remedy: `Cast to ${name === 'varchar' ? 'text' : name} without it.`,
      });
    if (sizes !== 2 && name === 'numeric')
      this.refuse(
        at.offset,
        {
          message: 'DuckDB reads numeric without a scale as three decimals.',
          remedy: 'Write numeric(24,6).',
        },
        'files',
      );
    return true;
  }

  private constant(node: SqlNode, at: SqlPlace): void {
    const text = constantText({ A_Const: node });
    if (text !== undefined && specialValue.test(text))
      this.refuse(at.offset, {
        message: `'${text}' is read as a date that changes with the clock, or as no value at all.`,
        remedy: 'Use :as_of, or write the value itself.',
      });
  }

  private select(node: SqlNode, at: SqlPlace): void {
    this.recursion(node.withClause, at);
    const ordered = listOf(node.sortClause).length > 0;
    const some = node.limitOption === 'LIMIT_OPTION_WITH_TIES';
    if (node.limitCount !== undefined && (!ordered || some))
      this.refuse(at.offset, {
        message: 'LIMIT without ORDER BY picks rows by chance.',
        remedy: 'Say the order, down to a column that is unique.',
      });
    const distinctOn = listOf(node.distinctClause).some((item) => untag(item) !== null);
    if (distinctOn && !ordered)
      this.refuse(at.offset, {
        message: 'DISTINCT ON without ORDER BY picks rows by chance.',
        remedy: 'Say the order, down to a column that is unique.',
      });
  }

  private subquery(node: SqlNode, at: SqlPlace): boolean {
    if (this.mode === 'expression') {
      this.refuse(at.offset, {
        message: 'An expression cannot hold a query.',
        remedy: 'Return the value as a column of the population.',
      });
      return false;
    }
    const kinds = ['EXISTS_SUBLINK', 'ANY_SUBLINK', 'EXPR_SUBLINK'];
    if (kinds.includes(String(node.subLinkType))) return true;
    this.refuse(at.offset, {
      message: 'This form of subquery is not offered.',
      remedy: 'Use in (select …), exists (select …) or a single value.',
    });
    return false;
  }

  private sort(node: SqlNode, at: SqlPlace): void {
    if (node.sortby_dir !== 'SORTBY_DESC' || node.sortby_nulls !== 'SORTBY_NULLS_DEFAULT') return;
    this.refuse(
      at.offset,
      {
        message: 'DuckDB and PostgreSQL disagree where nulls stand in descending order.',
        remedy: 'Write desc nulls last, or desc nulls first.',
      },
      'files',
    );
  }
}

const textField = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** True when a node, or one below it, reads a table of that bare name. */
function readsTable(value: unknown, name: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => readsTable(item, name));
  if (typeof value !== 'object' || value === null) return false;
  if ('relname' in value && value.relname === name && !('schemaname' in value)) return true;
  return Object.values(value).some((child) => readsTable(child, name));
}

/** The text of a plain string constant. */
export function constantText(value: unknown): string | undefined {
  const [type, node] = untag(value) ?? ['', {}];
  if (type !== 'A_Const') return undefined;
  const sval = node.sval;
  if (typeof sval !== 'object' || sval === null) return undefined;
  return 'sval' in sval && typeof sval.sval === 'string' ? sval.sval : '';
}
