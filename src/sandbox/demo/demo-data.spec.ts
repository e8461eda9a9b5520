import { readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { minorDigits } from '../../core/money';
import { loadConfig } from '../../platform/config';
import { demoAsOf, demoEntities, demoExtractedAt } from './demo-company';
import { demoData } from './demo-data';
import { salesforceId, withCaseSuffix } from './demo-ids';
import { major, shareOf, splitInto, sumOf } from './demo-money';

const here = (...names: string[]): string => path.join(__dirname, ...names);
const config = loadConfig({}, here('tieout.demo.yaml'));

describe('the data of the demo', () => {
  test('comes out of the generator byte for byte as it is shipped', () => {
    const { files, expected } = demoData();
    for (const { name, content } of files)
      expect([name, readFileSync(here('data', name), 'utf8')]).toEqual([name, content]);
    expect(readdirSync(here('data')).sort()).toEqual(files.map(({ name }) => name).sort());
    const truth: unknown = JSON.parse(readFileSync(here('expected-findings.json'), 'utf8'));
    expect(truth).toEqual(expected);
  });

  test('stays small enough to ship', () => {
    const bytes = readdirSync(here('data')).map((name) => statSync(here('data', name)).size);
    expect(bytes.reduce((a, b) => a + b, 0)).toBeLessThan(1_000_000);
  });

  test('has amounts in the minor units of their currency, and some without any', () => {
    const [header = '', ...rows] = readFileSync(here('data', 'stripe-payouts.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    const columns = header.split(',');
    const currencies = new Set<string>();
    for (const row of rows) {
      const cells = row.split(',');
      const currency = cells[columns.indexOf('currency')] ?? '';
      const [, decimals = ''] = (cells[columns.indexOf('amount')] ?? '').split('.');
      currencies.add(currency);
      expect(decimals).toHaveLength(minorDigits(currency));
    }
    expect([...currencies].sort()).toEqual(['EUR', 'GBP', 'JPY', 'USD']);
  });

  test('was extracted once the as-of day was over in every book time zone', () => {
    for (const { time_zone: timeZone } of config.entities) {
      const day = new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(demoExtractedAt));
      expect(day > demoAsOf).toBe(true);
    }
  });

  test('is of the entities and holidays that its configuration declares', () => {
    expect(config.entities.map(({ id }) => id)).toEqual(Object.keys(demoEntities));
    for (const { id, calendar, currency } of config.entities) {
      const entity = demoEntities[id as keyof typeof demoEntities];
      expect(entity.currency).toBe(currency);
      expect(config.calendars[calendar]?.holidays).toEqual(
        expect.arrayContaining([...entity.calendar.holidays]),
      );
    }
  });
});

describe('the generator', () => {
  test('writes Salesforce ids with the suffix that tells their case', () => {
    expect(withCaseSuffix('001A0000006Vm9r')).toBe('001A0000006Vm9rIAC');
    expect(salesforceId('006', 1)).toMatch(/^006[0-9A-Za-z]{12}[A-Z0-5]{3}$/);
    expect(salesforceId('006', 1)).not.toBe(salesforceId('006', 62));
  });

  test('computes amounts exactly, in minor units', () => {
    expect(major(123_456n, 'USD')).toBe('1234.56');
    expect(major(-5n, 'EUR')).toBe('-0.05');
    expect(major(1_200n, 'JPY')).toBe('1200');
    expect(shareOf(1_050n, 1_000n)).toBe(105n);
    expect(shareOf(15n, 1_000n)).toBe(2n);
    expect(splitInto(100n, 3)).toEqual([34n, 33n, 33n]);
    expect(sumOf(splitInto(10_001n, 3))).toBe(10_001n);
  });
});
