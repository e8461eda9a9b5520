import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { Refusal } from '../../core/problem';
import type { Page } from '../http/page';
import { tableOf, type ExportColumn } from './table';
import { writeCsv } from './write-csv';
import { writeXlsx } from './write-xlsx';

export const mostExportRows = 100_000;
export const exportPage = 1_000;

export const exportFormat = {
  format: z.enum(['csv', 'xlsx']).default('csv').describe('csv, or a workbook with typed cells.'),
};
export type ExportFormat = 'csv' | 'xlsx';

export const exportTypes = [
  'text/csv',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
] as const;

/** Reads a list to its end. Throws Refusal `too_large` rather than give a part of it. */
export async function readWhole<Row>(
  read: (cursor: string | undefined) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    rows.push(...page.items);
    if (rows.length > mostExportRows)
      throw new Refusal('too_large', `An export holds ${mostExportRows} rows; narrow the list.`);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** Sends rows as a file. */
export async function sendExport<Row>(
  response: ServerResponse,
  { name, format }: { name: string; format: ExportFormat },
  columns: readonly ExportColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  const table = tableOf(columns, rows);
  const [csv, xlsx] = exportTypes;
  const content = format === 'csv' ? writeCsv(table) : await writeXlsx(name, table);
  response.setHeader('Content-Type', format === 'csv' ? `${csv}; charset=utf-8` : xlsx);
  response.setHeader('Content-Length', content.length);
  response.setHeader('Content-Disposition', `attachment; filename="${name}.${format}"`);
  response.end(content);
}
