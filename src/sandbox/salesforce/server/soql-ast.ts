/** A field by its path, as written: ['Account', 'Name'], and where it stands in the query. */
export interface FieldPath {
  kind: 'field';
  path: readonly string[];
  at: number;
}

export const aggregateFunctions = ['COUNT', 'COUNT_DISTINCT', 'SUM', 'MIN', 'MAX', 'AVG'] as const;
export type AggregateFunction = (typeof aggregateFunctions)[number];

export interface Aggregate {
  kind: 'aggregate';
  call: AggregateFunction;
  field: FieldPath;
  at: number;
}

export type Term = FieldPath | Aggregate;

export interface SelectItem {
  term: Term;
  alias: string | null;
}

export type Literal =
  | { kind: 'text'; text: string; at: number }
  | { kind: 'number'; text: string; at: number }
  | { kind: 'boolean'; value: boolean; at: number }
  | { kind: 'null'; at: number }
  | { kind: 'date'; day: string; at: number }
  | { kind: 'datetime'; ms: number; at: number }
  | { kind: 'range'; name: string; count: number; at: number };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'IN' | 'NOT IN';

export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'compare'; term: Term; comparison: Comparison; values: readonly Literal[]; at: number };

export interface OrderItem {
  term: Term;
  descending: boolean;
  nullsFirst: boolean;
}

export interface SoqlQuery {
  text: string;
  /** SELECT COUNT() and nothing else. */
  isCount: boolean;
  select: readonly SelectItem[];
  object: string;
  objectAt: number;
  alias: string | null;
  where: Condition | null;
  groupBy: readonly FieldPath[];
  having: Condition | null;
  orderBy: readonly OrderItem[];
  limit: number | null;
  offset: number;
  /** ALL ROWS: deleted ones too. */
  allRows: boolean;
}
