/**
 * The part of SQL that controls may use, as PostgreSQL's own parse tree spells it. Whatever is not
 * listed is refused, so a construct nobody thought of fails closed.
 */

/** `value`: plain. `node`: a tagged node or a list of them. Else: the type of an untagged node. */
export type FieldRule = 'value' | 'node' | (string & {});

const located = { location: 'value' } as const;

export const nodeFields: Record<string, Record<string, FieldRule>> = {
  SelectStmt: {
    distinctClause: 'node',
    targetList: 'node',
    fromClause: 'node',
    whereClause: 'node',
    groupClause: 'node',
    havingClause: 'node',
    windowClause: 'node',
    valuesLists: 'node',
    sortClause: 'node',
    limitCount: 'node',
    limitOption: 'value',
    op: 'value',
    all: 'value',
    larg: 'SelectStmt',
    rarg: 'SelectStmt',
    withClause: 'WithClause',
  },
  WithClause: { ctes: 'node', recursive: 'value', ...located },
  CommonTableExpr: {
    ctename: 'value',
    aliascolnames: 'node',
    ctematerialized: 'value',
    ctequery: 'node',
    ...located,
  },
  ResTarget: { name: 'value', val: 'node', ...located },
  ColumnRef: { fields: 'node', ...located },
  String: { sval: 'value' },
  A_Star: {},
  RangeVar: {
    schemaname: 'value',
    relname: 'value',
    inh: 'value',
    relpersistence: 'value',
    alias: 'Alias',
    ...located,
  },
  Alias: { aliasname: 'value', colnames: 'node' },
  JoinExpr: {
    jointype: 'value',
    larg: 'node',
    rarg: 'node',
    usingClause: 'node',
    quals: 'node',
    alias: 'Alias',
    rtindex: 'value',
  },
  RangeSubselect: { lateral: 'value', subquery: 'node', alias: 'Alias' },
  RangeFunction: { lateral: 'value', ordinality: 'value', functions: 'node', alias: 'Alias' },
  A_Expr: {
    kind: 'value',
    name: 'node',
    lexpr: 'node',
    rexpr: 'node',
    rexpr_list_start: 'value',
    rexpr_list_end: 'value',
    ...located,
  },
  A_Const: {
    ival: 'value',
    fval: 'value',
    boolval: 'value',
    sval: 'value',
    isnull: 'value',
    ...located,
  },
  BoolExpr: { boolop: 'value', args: 'node', ...located },
  NullTest: { arg: 'node', nulltesttype: 'value', ...located },
  BooleanTest: { arg: 'node', booltesttype: 'value', ...located },
  CaseExpr: { arg: 'node', args: 'node', defresult: 'node', ...located },
  CaseWhen: { expr: 'node', result: 'node', ...located },
  CoalesceExpr: { args: 'node', ...located },
  MinMaxExpr: { op: 'value', args: 'node', ...located },
  SubLink: { subLinkType: 'value', testexpr: 'node', subselect: 'node', ...located },
  FuncCall: {
    funcname: 'node',
    args: 'node',
    agg_order: 'node',
    agg_filter: 'node',
    over: 'WindowDef',
    agg_star: 'value',
    agg_distinct: 'value',
    funcformat: 'value',
    ...located,
  },
  WindowDef: {
    name: 'value',
    refname: 'value',
    partitionClause: 'node',
    orderClause: 'node',
    frameOptions: 'value',
    startOffset: 'node',
    endOffset: 'node',
    ...located,
  },
  SortBy: { node: 'node', sortby_dir: 'value', sortby_nulls: 'value', ...located },
  TypeCast: { arg: 'node', typeName: 'TypeName', ...located },
  TypeName: { names: 'node', typmods: 'node', typemod: 'value', ...located },
  List: { items: 'node' },
  ParamRef: { number: 'value', ...located },
};

export interface SqlRefusal {
  message: string;
  remedy: string;
}

const onlyReads = 'A population only reads: write one SELECT.';
const useAsOf = 'Use :as_of, so that a re-run of the same period gives the same answer.';

/** What is said of refused nodes that authors may really try; others get the general sentence. */
export const refusedNodes: Record<string, SqlRefusal> = {
  InsertStmt: { message: 'An INSERT changes data.', remedy: onlyReads },
  UpdateStmt: { message: 'An UPDATE changes data.', remedy: onlyReads },
  DeleteStmt: { message: 'A DELETE changes data.', remedy: onlyReads },
  MergeStmt: { message: 'A MERGE changes data.', remedy: onlyReads },
  CopyStmt: { message: 'COPY reaches outside the books.', remedy: onlyReads },
  DoStmt: { message: 'DO runs a program.', remedy: onlyReads },
  TransactionStmt: { message: 'The transaction is not the control’s to end.', remedy: onlyReads },
  VariableSetStmt: { message: 'Settings are not the control’s to change.', remedy: onlyReads },
  RangeTableSample: {
    message: 'TABLESAMPLE reads part of the population.',
    remedy: 'Read all of it: every item gets a verdict.',
  },
  SQLValueFunction: {
    message: 'The value changes with the clock or the session.',
    remedy: useAsOf,
  },
  CollateClause: {
    message: 'COLLATE makes comparison depend on the engine.',
    remedy: 'Compare the text as it is, or lower() it.',
  },
  A_Indirection: {
    message: 'Parts of a composite or array value are taken.',
    remedy: 'Name plain columns.',
  },
  A_ArrayExpr: { message: 'Arrays have no form in the evidence.', remedy: 'Use in (…).' },
  RowExpr: { message: 'A row value is built.', remedy: 'Compare the columns one by one.' },
  GroupingSet: {
    message: 'GROUPING SETS, ROLLUP and CUBE count items twice.',
    remedy: 'Group by plain columns.',
  },
};

export const refusedFields: Record<string, SqlRefusal> = {
  'SelectStmt.intoClause': { message: 'SELECT INTO creates a table.', remedy: onlyReads },
  'SelectStmt.lockingClause': { message: 'FOR UPDATE or SHARE locks rows.', remedy: onlyReads },
  'SelectStmt.limitOffset': {
    message: 'OFFSET leaves items out.',
    remedy: 'State the scope as a condition in WHERE.',
  },
  'RangeFunction.is_rowsfrom': {
    message: 'ROWS FROM joins functions by position.',
    remedy: 'Name one function, with ORDINALITY where its order matters.',
  },
  'RangeFunction.coldeflist': {
    message: 'A function is told what columns it returns.',
    remedy: 'Name its columns alone: … as t(name).',
  },
  'CommonTableExpr.search_clause': {
    message: 'SEARCH is not offered.',
    remedy: 'Carry a depth as a column and order by it.',
  },
  'CommonTableExpr.cycle_clause': {
    message: 'CYCLE is not offered.',
    remedy: 'Carry a depth as a column and end at a fixed one.',
  },
  'JoinExpr.isNatural': {
    message: 'NATURAL JOIN changes its meaning when a column is added.',
    remedy: 'Say the columns with USING or ON.',
  },
  'RangeVar.catalogname': {
    message: 'Another database is named.',
    remedy: 'Read books.<table> or files.<dataset>.',
  },
  'FuncCall.agg_within_group': {
    message: 'WITHIN GROUP is not offered.',
    remedy: 'Use sum, count, min or max.',
  },
  'A_Const.bsval': { message: 'A bit string is used.', remedy: 'Write text as plain quotes.' },
  'SubLink.operName': {
    message: 'ANY and ALL over a query are not offered.',
    remedy: 'Use in (select …) or exists (select …).',
  },
};

/** Said of anything else. */
export const refusedOther = (what: string): SqlRefusal => ({
  message: `${what} is not part of the SQL that controls may use.`,
  remedy: 'See docs/controls-format.md for what may be used.',
});
