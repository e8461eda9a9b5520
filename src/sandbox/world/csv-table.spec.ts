import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { CsvTable } from './csv-table';

describe('a warehouse table as CSV', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'csv-table-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const totals = { amount: 'amount', currency: 'currency', date: 'value_date' };
  const stated = { extractedAt: '2026-07-07T13:05:00Z', sourceSystem: 'warehouse' };
  const row = (id: string, amount: string, currency: string, day: string | null) => ({
    txn_id: id,
    amount,
    currency,
    value_date: day,
  });

  test('states rows, sums per currency, dates and hash of what it wrote', () => {
    const table = new CsvTable(folder, 'bank_txn', totals);
    table.write(row('a', '10.10', 'USD', '2026-06-30'));
    table.write(row('b, "c"', '-0.25', 'USD', '2026-06-02'));
    table.write(row('d', '5.484', 'KWD', null));
    table.close(stated);
    const text = readFileSync(path.join(folder, 'bank_txn.csv'), 'utf8');
    expect(text).toBe(
      'txn_id,amount,currency,value_date\n' +
        'a,10.10,USD,2026-06-30\n"b, ""c""",-0.25,USD,2026-06-02\nd,5.484,KWD,\n',
    );
    expect(JSON.parse(readFileSync(path.join(folder, 'bank_txn.ctl.json'), 'utf8'))).toEqual({
      rows: 3,
      sums: { KWD: '5.484', USD: '9.85' },
      min_date: '2026-06-02',
      max_date: '2026-06-30',
      source_system: 'warehouse',
      extracted_at: '2026-07-07T13:05:00Z',
      extracted_by: 'extract@northwind.example',
      query_text: 'select * from warehouse.bank_txn',
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });

  test('refuses a row whose columns are not those of the first', () => {
    const table = new CsvTable(folder, 'bank_txn', totals);
    table.write(row('a', '1', 'USD', null));
    expect(() => table.write({ txn_id: 'b', currency: 'USD', amount: '1' })).toThrow('moved');
    expect(() => table.write({ txn_id: 'b' })).toThrow('a row of 1 columns');
    table.close(stated);
  });

  test('an empty text differs from no value', () => {
    const table = new CsvTable(folder, 't', { amount: null, currency: null, date: null });
    table.write({ a: '', b: null });
    table.close(stated);
    expect(readFileSync(path.join(folder, 't.csv'), 'utf8')).toBe('a,b\n"",\n');
  });
});
