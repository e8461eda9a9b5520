import { clip, padLeft, padRight, textWidth, type Page } from './text-layout';

export interface TableColumn<Row> {
  title: string;
  cell: (row: Row) => string;
  align?: 'left' | 'right';
  /** Gives way first when the table is wider than the page; at most one column. */
  shrinks?: boolean;
  paint?: (text: string, row: Row) => string;
}

const gap = '  ';

/** A table of one line per row under faint titles, two spaces between columns. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  page: Page,
): string[] {
  const widths = columns.map(({ title, cell }) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(cell(row)))),
  );
  const total = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
  const shrinks = columns.findIndex((column) => column.shrinks);
  if (shrinks >= 0 && total > page.width)
    widths[shrinks] = Math.max(8, (widths[shrinks] ?? 0) - (total - page.width));
  const line = (cellOf: (column: TableColumn<Row>) => string, row: Row | null): string =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0;
        const pad = column.align === 'right' ? padLeft : padRight;
        const text = pad(clip(cellOf(column), width), width);
        return row === null || !column.paint ? text : column.paint(text, row);
      })
      .join(gap)
      .trimEnd();
  return [
    page.paint.faint(line((column) => column.title, null)),
    ...rows.map((row) => line((column) => column.cell(row), row)),
  ];
}
