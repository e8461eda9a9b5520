/** What a column holds; a spreadsheet gets a cell of that type. */
export type CellType = 'text' | 'number' | 'date' | 'instant';

export interface ExportColumn<Row> {
  title: string;
  type: CellType;
  /** Exact text: decimals, 'YYYY-MM-DD', ISO instants; null is an empty cell. */
  value: (row: Row) => string | null;
}

export interface ExportTable {
  titles: readonly string[];
  types: readonly CellType[];
  rows: readonly (readonly (string | null)[])[];
}

export const tableOf = <Row>(
  columns: readonly ExportColumn<Row>[],
  rows: readonly Row[],
): ExportTable => ({
  titles: columns.map(({ title }) => title),
  types: columns.map(({ type }) => type),
  rows: rows.map((row) => columns.map(({ value }) => value(row))),
});

export const plainNumber = /^-?\d+(\.\d+)?$/;
