import type { SqlRefusal } from './sql-grammar';
import {
  allowedFunctions,
  extractFields,
  functionRefusal,
  seriesStep,
  syntaxFunctions,
  tableFunctions,
  type AllowedFunction,
  type SqlSource,
} from './sql-vocabulary';
import { listOf, untag, wordsOf, type SqlNode } from './sql-walk';

/** Why a function call is refused; `only` when one engine alone refuses it. Null: it may stand. */
export function functionProblem(
  node: SqlNode,
  mode: 'population' | 'expression',
): (SqlRefusal & { only?: SqlSource }) | null {
  const words = wordsOf(node.funcname);
  const name = words.at(-1) ?? '';
  if (node.funcformat === 'COERCE_SQL_SYNTAX' && words.length === 2 && words[0] === 'pg_catalog')
    return syntaxProblem(name, node);
  const allowed = allowedFunctions.get(name);
  if (words.length !== 1) return functionRefusal(words.join('.'));
  if (allowed === undefined) return functionRefusal(name);
  if (mode === 'expression' && (allowed.kind !== 'scalar' || node.over !== undefined))
    return {
      message: `${name}() looks at many rows, and an expression sees one.`,
      remedy: 'Compute it as a column of the population.',
    };
  return shapeProblem(name, allowed, node);
}

/** Why a function may not stand in FROM. Null: it may, over books. */
export function tableFunctionProblem(node: SqlNode): SqlRefusal | null {
  const words = wordsOf(node.funcname);
  const name = words.join('.');
  const args = listOf(node.args);
  const count = tableFunctions.get(name);
  if (count === undefined)
    return {
      message: `The function ${name}() is used as a table.`,
      remedy: 'Read books.<table> or files.<dataset>; list fixed rows with VALUES.',
    };
  if (args.length !== count || node.agg_star || node.agg_distinct || node.over !== undefined)
    return { message: `${name}() takes ${count} arguments in FROM.`, remedy: 'Correct its use.' };
  if (name !== 'generate_series' || seriesStep.test(intervalText(args[2]) ?? '')) return null;
  return {
    message: 'generate_series() counts without an end.',
    remedy: "Count days: generate_series(first, last, interval '1 month'), no step below a day.",
  };
}

/** The text of `interval '…'`. */
function intervalText(value: unknown): string | null {
  const [type, node] = untag(value) ?? ['', {}];
  const typeName = type === 'TypeCast' ? ((node.typeName ?? {}) as SqlNode) : {};
  const isInterval = wordsOf(typeName.names).at(-1) === 'interval';
  return isInterval && typeName.typmods === undefined ? textOf(node.arg) : null;
}

function syntaxProblem(name: string, node: SqlNode): SqlRefusal | null {
  if (!syntaxFunctions.has(name)) return functionRefusal(name);
  if (name !== 'extract') return null;
  const field = textOf(listOf(node.args)[0]);
  if (field !== null && extractFields.has(field.toLowerCase())) return null;
  return {
    message: `extract(${field ?? '…'} from …) differs between the engines.`,
    remedy: `Use one of ${[...extractFields].join(', ')}.`,
  };
}

function shapeProblem(
  name: string,
  allowed: AllowedFunction,
  node: SqlNode,
): (SqlRefusal & { only?: SqlSource }) | null {
  const over = typeof node.over === 'object' && node.over !== null ? (node.over as SqlNode) : null;
  if (allowed.kind === 'window' && over === null)
    return { message: `${name}() needs OVER.`, remedy: `Write ${name}() over (order by …).` };
  if (allowed.kind === 'scalar' && (over !== null || node.agg_star || node.agg_distinct))
    return { message: `${name}() is not an aggregate.`, remedy: 'Remove OVER, * or DISTINCT.' };
  const order = over ? listOf(over.orderClause) : listOf(node.agg_order);
  const named = over !== null && (over.name !== undefined || over.refname !== undefined);
  if (allowed.ordered && order.length === 0 && !named)
    return {
      message: `${name}() without ORDER BY depends on chance.`,
      remedy: 'Say the order inside it, down to a column that is unique.',
    };
  if (name === 'date_trunc' && listOf(node.args).length !== 2)
    return {
      message: 'date_trunc() takes a field and a value here.',
      remedy: 'Convert first: date_trunc(…, x at time zone …).',
    };
  if (allowed.only === 'books')
    return {
      message: `${name}() does not exist, or is not exact, in DuckDB.`,
      remedy: 'Return what it is computed from.',
      only: 'files',
    };
  return null;
}

function textOf(value: unknown): string | null {
  const [type, node] = untag(value) ?? ['', {}];
  const sval = type === 'A_Const' ? node.sval : null;
  return typeof sval === 'object' && sval !== null && 'sval' in sval ? String(sval.sval) : null;
}
