/** The answer to a query; rows are written when a page asks for them. */
export interface SoqlResult {
  object: string;
  /** What the query finds, not what a page holds. */
  totalSize: number;
  /** 0 for COUNT(). */
  rowCount: number;
  isAggregate: boolean;
  columns: readonly string[];
  json(index: number): string;
  cells(index: number): string[];
}
