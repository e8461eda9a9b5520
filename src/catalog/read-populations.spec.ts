import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { placeOfLine } from './composed-sql';
import { loadCatalog } from './load-catalog';
import { readPopulations, type Populations } from './read-populations';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'populations-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Reads files of the control's folder, and shared ones under `populations/`. */
async function read(files: Record<string, string>): Promise<Populations> {
  mkdirSync(path.join(dir, 'populations'));
  mkdirSync(path.join(dir, 'own'));
  for (const [name, sql] of Object.entries(files))
    writeFileSync(path.join(dir, `${name}.sql`), sql);
  return readPopulations(dir, 'own', await readPopulations(dir, 'populations'));
}

/** `file:line message`, of everything wrong. */
const wrong = (populations: Populations): string[] =>
  [...populations.values()].flatMap(({ problems }) =>
    problems.map(({ file = '', line, message }) => `${path.basename(file)}:${line} ${message}`),
  );

const lines = 'select line_id, amount from books.order_lines where entity_id = :entity';

test('a population is put in front of the one that reads it, once', async () => {
  const populations = await read({
    'populations/lines': `-- Lines.\n${lines}`,
    'own/totals': `select sum(l.amount) as amount\nfrom populations.lines l`,
    'own/both': `select t.amount, lines.line_id
      from populations.totals as t
      join populations.lines on 'populations.lines' <> line_id -- populations.lines
      where t.amount > :least`,
  });
  expect(wrong(populations)).toEqual([]);
  expect(populations.get('both')).toMatchObject({
    relations: ['books.order_lines'],
    parameters: ['least', 'entity'],
    columns: ['amount', 'line_id'],
    query: `with "populations.lines" as (
-- Lines.
${lines}
), "own.totals" as (
select sum(l.amount) as amount
from "populations.lines" l
)
select * from (
select t.amount, lines.line_id
      from "own.totals" as t
      join "populations.lines" as lines on 'populations.lines' <> line_id -- populations.lines
      where t.amount > :least
) q`,
  });
});

test('a line of the query is a line of the file that holds it', async () => {
  const populations = await read({
    'own/lines': lines,
    'own/totals': `-- Totals.\nselect l.amount\nfrom populations.\n  lines l\nwhere l.amount > 0`,
  });
  const { query = '', parts = [] } = populations.get('totals') ?? {};
  const at = (text: string): string => {
    const line = query.split('\n').findIndex((one) => one.includes(text)) + 1;
    const place = placeOfLine(parts, line);
    return `${path.basename(place.file ?? '')}:${place.line}`;
  };
  expect(at('books.order_lines')).toBe('lines.sql:1');
  expect(at('l.amount > 0')).toBe('totals.sql:5');
});

test('the nearest population of a name is meant: of the folder, then a shared one', async () => {
  const populations = await read({
    'populations/lines': 'select 1 as shared from books.orders',
    'populations/of_shared': 'select l.shared from populations.lines l',
    'own/lines': 'select 2 as own from books.orders',
    'own/both': `select l.own, s.shared from populations.lines l
      join populations.of_shared s on l.own > s.shared`,
  });
  expect(wrong(populations)).toEqual([]);
  const { query } = populations.get('both') ?? {};
  expect(query).toContain('"own.lines" as (\nselect 2 as own');
  expect(query).toContain('from "populations.lines" l');
});

describe('refused, with the line and what to do', () => {
  test('are circles', async () => {
    const populations = await read({
      'own/a': 'select b.x\nfrom populations.b',
      'own/b': 'select c.x\n\nfrom populations.c',
      'own/c': 'select a.x\nfrom populations.a',
      'own/self': 'select self.x from populations.self',
    });
    expect(wrong(populations)).toEqual([
      'c.sql:2 The population reads itself: a → b → c → a.',
      'self.sql:1 The population reads itself: self → self.',
    ]);
    const [problem] = populations.get('self')?.problems ?? [];
    expect(problem?.remedy).toBe('Write what both need into a population that reads neither.');
  });

  test('are names that nobody has, and those of another control', async () => {
    const populations = await read({
      'populations/lines': 'select o.x from populations.orders o',
      'own/orders': 'select l.x from books.orders l\njoin populations.lnies k on true',
    });
    expect(wrong(populations)).toEqual([
      "orders.sql:2 There is no population 'lnies'. Did you mean 'lines'?",
    ]);
    const shared = await readPopulations(dir, 'populations');
    expect(wrong(shared)).toEqual(["lines.sql:1 There is no population 'orders'."]);
  });

  test('is reading books and files together through another', async () => {
    const populations = await read({
      'own/payments': 'select p.x from files.payments p',
      'own/mixed': 'select p.x from populations.payments p join books.orders o on o.x = p.x',
      'own/of_files': 'select p.x / 2 as half from populations.payments p',
    });
    expect(populations.get('of_files')?.source).toBe('files');
    expect(wrong(populations)).toEqual([
      'mixed.sql:1 The population reads books and files together.',
      'of_files.sql:1 DuckDB divides into binary floating point.',
    ]);
  });

  test('is a name of its own that could stand for a population', async () => {
    const populations = await read({
      'own/lines': lines,
      'own/tricky': `with "own.lines" as (select 1 as line_id from books.orders)
        select line_id from populations.lines`,
    });
    expect(wrong(populations)).toEqual(['tricky.sql:1 The name "own.lines" is not plain.']);
  });
});

describe('a control', () => {
  const folder = 'bookings/BK-90-orders-have-amounts';
  const orders = `select o.order_id, o.amount, o.currency, 'x' as source_ref
    from books.orders o where o.ordered_on < :period_end`;
  const aCase = (code: string): string => `name: case of ${code}
entity: acme
period: 2026-06
as_of: 2026-07-05
given: { books.orders: [{ order_id: "1" }] }
expect: { outcome: ${code === '' ? 'passed' : 'exceptions'}, findings: [${
    code === '' ? '' : `{ code: ${code}, key: { order_id: "1" } }`
  }] }
`;
  const sound: Record<string, string> = {
    [`${folder}/control.yaml`]: `id: BK-90
title: Every order has an amount
process: bookings
objective: Every order has an amount.
risk: An order without amount is never billed.
assertions: [accuracy]
key_control: false
frequency: monthly
owner: deal-desk
reviewer: revenue-accounting
procedures:
  - name: orders
    item: { population: dated_orders, label: Orders }
    key: [order_id]
    findings:
      - { code: BK90-NONE, when: item.amount is null }
    explain:
      BK90-NONE: "Order {item.order_id} has no amount."
runbook: Ask the deal desk.
`,
    [`${folder}/dated_orders.sql`]: `select o.order_id, o.amount, o.currency, o.source_ref
      from populations.all_orders o`,
    'populations/all_orders.sql': orders,
    [`${folder}/cases/clean.yaml`]: aCase(''),
    [`${folder}/cases/none.yaml`]: aCase('BK90-NONE'),
  };
  const load = async (changes: Record<string, string> = {}) => {
    for (const [name, text] of Object.entries({ ...sound, ...changes })) {
      const file = path.join(dir, 'controls', name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const { controls, problems } = await loadCatalog(path.join(dir, 'controls'));
    return {
      control: controls[0],
      problems: problems.map(
        ({ file = '', line, message }) => `${path.basename(file)}:${line} ${message}`,
      ),
    };
  };

  test('has a version, files and parameters that cover what its populations read', async () => {
    const { control, problems } = await load();
    expect(problems).toEqual([]);
    expect(control?.files.map((file) => file.path)).toContain('populations/all_orders.sql');
    expect(control?.populations).toEqual({
      dated_orders: expect.objectContaining({
        relations: ['books.orders'],
        parameters: ['period_end'],
      }),
    });
    const commented = await load({ 'populations/all_orders.sql': `${orders} -- and a comment` });
    expect(commented.control?.version).toMatch(/^[0-9a-f]{64}$/);
    expect(commented.control?.version).not.toBe(control?.version);
  });

  test('may read a shared list that reads no table, and not look at nothing else', async () => {
    const list = `select c.order_id, c.amount, 'USD' as currency, 'x' as source_ref
      from (values ('1', 1)) as c (order_id, amount)`;
    const beside = await load({
      'populations/sizes.sql': list,
      [`${folder}/dated_orders.sql`]: `select o.order_id, c.amount, o.currency, o.source_ref
        from populations.all_orders o left join populations.sizes c on c.order_id = o.order_id`,
    });
    expect(beside.problems).toEqual([]);
    const alone = await load({
      'populations/all_orders.sql': list,
      'populations/sizes.sql': orders,
    });
    expect(alone.problems).toContain(
      "control.yaml:13 The population 'dated_orders' reads no table.",
    );
  });

  test('does not load when what its populations read is wrong, and says so once', async () => {
    const wrongName = await load({ 'populations/all_orders.sql': `${orders} + :late` });
    expect(wrongName).toEqual({
      control: undefined,
      problems: ['all_orders.sql:2 :late is not a parameter.'],
    });
    const natural = await load({
      'populations/all_orders.sql': `${orders.replace('where', '\nnatural join books.x where')}`,
      'populations/nobody.sql': orders,
    });
    expect(natural).toEqual({
      control: undefined,
      problems: [
        'all_orders.sql:1 NATURAL JOIN changes its meaning when a column is added.',
        'nobody.sql:undefined No control uses this population.',
      ],
    });
  });
});
