import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import * as path from 'node:path';
import { SystemClock } from '../../src/platform/clock';
import { databaseRoles } from '../../src/platform/database/open-database';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

const root = path.join(__dirname, '..', '..');

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

let database: TestDatabase;
let bench: Workbench;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(() => {
  bench = openWorkbench(database, new SystemClock());
  bench.write(
    'orders.csv',
    ordersCsv([
      ['a', '10.00'],
      ['b', '20.00'],
      ['c', '30.00'],
    ]),
  );
  bench.write(
    'payments.csv',
    paymentsCsv([
      ['p1', 'a', '10.00'],
      ['p2', 'b', '19.00'],
    ]),
  );
});
afterEach(() => bench.remove());

const folder = 'controls/cash/CA-90-every-order-is-paid';

/** A case whose populations are not empty: order b is paid in it, beside what is given. */
const caseOf = (
  name: string,
  given: { orders?: string; payments?: string },
  code: string,
): string => `
name: ${name}
entity: acme
period: 2026-06
as_of: "2026-07-01"
given:
  files.orders: [{ order_id: b, amount: "2" }${given.orders ?? ''}]
  files.payments: [{ payment_id: q, order_id: b, amount: "2" }${given.payments ?? ''}]
expect: { outcome: exceptions, findings: [{ code: ${code}, key: { order_id: a } }] }
`;
const orderOfA = ', { order_id: a, amount: "1" }';
const paymentOfA = ', { payment_id: p, order_id: a, amount: "1" }';

let nextMonth = 1;
/** Runs share the database, so each test has a period of its own. */
const ownPeriod = (): string => `2024-${String(nextMonth++).padStart(2, '0')}`;

const urlOf = (role: string): string =>
  `postgresql://${role}@${encodeURIComponent(database.server.connection.host)}:` +
  `${database.server.connection.port}/${database.name}`;

/** The command line in a process of its own, from the sources, in the folder of the workbench. */
function tieout(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const loader = path.join(root, 'test', 'support', 'typescript.js');
  const child = spawn(process.execPath, ['-r', loader, path.join(root, 'src', 'cli.ts'), ...args], {
    cwd: bench.dir,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: urlOf(databaseRoles.app),
      DATABASE_OWNER_URL: urlOf(databaseRoles.owner),
      DATABASE_READER_URL: urlOf(databaseRoles.reader),
      ...env,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

test('run prints statement and exceptions: 2; with all of it repaired: 0', async () => {
  const period = ownPeriod();
  const ended = await tieout(['run', 'CA-90', '--period', period]);
  expect(ended).toMatchObject({ code: 2 });
  expect(ended.stdout).toMatch(/^CA-90 {2}Every order is paid +EXCEPTIONS\n/);
  expect(ended.stdout).toMatch(/Orders +3 +60\.00\n/);
  expect(ended.stdout).toMatch(/− only on the left: CA90-UNPAID +1 +−30\.00\n/);
  expect(ended.stdout).toMatch(/± amounts differ: CA90-AMOUNT +1 +−1\.00\n/);
  expect(ended.stdout).toMatch(/Payments +2 +29\.00\n +foots: yes\n/);
  expect(ended.stdout).toMatch(/2 exceptions open \(2 new\)/);
  expect(ended.stdout).not.toContain('\u001b');
  expect(ended.stderr).toContain(`1/1 CA-90 Every order is paid · acme · ${period}: exceptions`);
  const payments: [string, string, string][] = [
    ['p1', 'a', '10.00'],
    ['p2', 'b', '20.00'],
    ['p3', 'c', '30.00'],
  ];
  bench.write('payments.csv', paymentsCsv(payments));
  const again = await tieout(['run', 'CA-90', '--period', period, '--quiet']);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).toMatch(/run 2\n[\s\S]*0 exceptions open \(2 cleared\)/);
});

test('run --json prints one document with the statement, and nothing else', async () => {
  const period = ownPeriod();
  const ended = await tieout([
    'run',
    '--all',
    '--period',
    period,
    '--json',
    '--as-of',
    '2026-07-01',
  ]);
  expect(ended).toMatchObject({ code: 2, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    runs: [
      {
        run: { control_id: 'CA-90', seq: 1, outcome: 'exceptions', as_of: '2026-07-01' },
        procedures: [
          {
            procedure: 'orders-to-payments',
            currencies: [{ currency: 'USD', left: { items: '3', amount: '60' } }],
          },
        ],
        exceptions: {
          opened: 2,
          open: [{ currency: 'USD', exceptions: '2', impact: '31' }],
          gravest: [
            { code: 'CA90-UNPAID', impact: '30' },
            { code: 'CA90-AMOUNT', impact: '1' },
          ],
        },
      },
    ],
    left_out: [],
    cost: { controls: [{ control: 'CA-90', runs: 1, share: 1 }] },
    alerts: null,
  });
});

test('a file that cannot be read gives no verdict: 3, and its wrong line is named', async () => {
  bench.write('payments.csv', 'payment_id,order_id,amount\np1,a,ten\n');
  const ended = await tieout(['run', 'CA-90', '--period', ownPeriod()]);
  expect(ended.code).toBe(3);
  expect(ended.stdout).toMatch(/NOT EVALUATED\n[\s\S]*payments\.csv:2 amount: /);
});

const wrongConfig = `entities:
  - { id: Acme, name: Acme, currency: USD, time_zone: Mars/Olympus, calendar: none }
calendars: {}
sources: { files: { orders: { path: o.csv, format: xls, columns: {} } } }
`;

test.each([
  ['run', 'CA-90'],
  ['serve', ''],
  ['controls', 'list'],
])(
  'tieout %s tells all of a wrong configuration, located, without a stack trace',
  async (...args) => {
    bench.write('tieout.yaml', wrongConfig);
    const ended = await tieout(args.filter(Boolean));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^configuration: \d problems\n/);
    expect(ended.stderr).toMatch(/ {2}tieout\.yaml:2 entities\.0\.id: must be kebab-case\. /);
    expect(ended.stderr).toMatch(/ {2}tieout\.yaml:2 entities\.0\.time_zone: /);
    expect(ended.stderr).toMatch(/ {2}tieout\.yaml:4 sources\.files\.orders\.format: /);
    expect(ended.stderr).not.toMatch(/^\s+at |node:internal/m);
  },
);

test.each([
  [['run', 'XX-99'], /There is no control XX-99; .* has CA-90\./],
  [['run', 'CA-90', '--period', '2026-13'], /CA-90 is monthly, and '2026-13' is no monthly period/],
  [['run', 'CA-90', '--as-of', '2026-02-30'], /'2026-02-30' is not a date/],
  [['run'], /Name the controls to run, or say --all/],
  [['token', 'create', '--name', 'x', '--days', '9999'], /not a whole number from 1 to 366/],
  [['token', 'revoke', 'nobody'], /no live token named 'nobody'/],
  [['runn'], /unknown command 'runn'[\s\S]*Did you mean run\?/],
])('%j is refused in a sentence, with 1', async (args, message) => {
  const ended = await tieout(args);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(message);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
});

test('with --json a failure is a document too', async () => {
  const ended = await tieout(['run', 'XX-99', '--json']);
  expect(ended).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'not_found', problems: [] } });
});

test('a fault such as a database that is away is one sentence', async () => {
  const away = 'postgresql://tieout_app:geheim@127.0.0.1:1/x';
  const urls = { DATABASE_URL: away, DATABASE_OWNER_URL: away, DATABASE_READER_URL: away };
  const ended = await tieout(['exceptions'], urls);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/DATABASE_URL: The connection fails: .*ECONNREFUSED/);
  expect(ended.stderr).not.toMatch(/geheim|^\s+at /m);
});

test('exceptions lists what is open, the gravest first, by the filters', async () => {
  const period = ownPeriod();
  await tieout(['run', 'CA-90', '--period', period]);
  const ended = await tieout(['exceptions', '--period', period, '--limit', '1']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^low +CA90-UNPAID +acme · .* +30\.00 USD\n/);
  expect(ended.stdout).toMatch(/… and 1 more: raise --limit\n\n2 exceptions open: 31\.00 USD\n$/);
  const none = await tieout(['exceptions', '--entity', 'other', '--json']);
  expect(JSON.parse(none.stdout)).toEqual({ exceptions: [], totals: [] });
});

test('controls are listed and validated; a failing case is told with its difference', async () => {
  const { stdout } = await tieout(['controls', 'list']);
  expect(stdout).toMatch(/CA-90 {2}Every order is paid\n.*risk/);
  expect(stdout).toMatch(/completeness \(AICPA: Completeness; PCAOB: Completeness\)/);
  expect((await tieout(['controls', 'list', '--csv'])).stdout).toMatch(
    /^control,title,.*\nCA-90,Every order is paid,cash,/,
  );
  const validated = await tieout(['controls', 'validate']);
  expect(validated).toMatchObject({ code: 0, stdout: '1 control, nothing wrong.\n' });
  const cases = `${folder}/cases`;
  bench.write(`${cases}/unpaid.yaml`, caseOf('Unpaid', { orders: orderOfA }, 'CA90-UNPAID'));
  bench.write(
    `${cases}/no-order.yaml`,
    caseOf('No order', { payments: paymentOfA }, 'CA90-NO_ORDER'),
  );
  const well = await tieout(['controls', 'test', 'CA-90']);
  expect(well).toMatchObject({ code: 0 });
  expect(well.stdout).toMatch(/ ✓ A paid order is no finding\n[\s\S]*4 cases, all as expected/);
  bench.write(`${cases}/unpaid.yaml`, caseOf('Paid', {}, 'CA90-UNPAID'));
  const ill = await tieout(['controls', 'test']);
  expect(ill.code).toBe(2);
  expect(ill.stdout).toMatch(/✗ Paid\n +.*unpaid\.yaml\n +· outcome: /);
  expect(ill.stdout).toMatch(/4 cases, 1 failed/);
});

test('controls validate names a missing column with its file, and ends with 1', async () => {
  const columns = 'select order_id, amount, currency from files.orders\n';
  bench.write(`${folder}/orders.sql`, `${columns}where amount >= :least\n`);
  expect((await tieout(['controls', 'validate', 'CA-91'])).stderr).toMatch(
    /no control CA-91; .*CA-90/,
  );
  const ended = await tieout(['controls', 'validate', 'CA-90']);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/orders\.sql.* source_ref: The population orders does not return/);
});

test('sources says that nothing was read yet, and of what nothing was read', async () => {
  const none = await tieout(['sources']);
  expect(none).toMatchObject({ code: 0, stderr: '' });
  expect(none.stdout).toBe('No window of any source was read yet; run tieout sync.\n');
  const unknown = await tieout(['sources', 'us', 'charge']);
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toContain('nothing was read of us charge yet. See tieout sources');
});

test('a token is printed once, listed without itself, and revoked', async () => {
  const created = await tieout([
    'token',
    'create',
    '--name',
    'ci',
    '--scope',
    'write',
    '--days',
    '7',
  ]);
  expect(created.code).toBe(0);
  expect(created.stdout).toMatch(/^tieout_[\w-]{43}\n$/);
  const listed = await tieout(['token', 'list']);
  expect(listed.stdout).toMatch(/ci +write +.* live\n/);
  expect(listed.stdout).not.toContain(created.stdout.trim());
  expect(await tieout(['token', 'revoke', 'ci'])).toMatchObject({ code: 0 });
  expect((await tieout(['token', 'list'])).stdout).toMatch(/ci +write +.* revoked\n/);
});

test('doctor finds a sound workspace sound, and names a file that is missing', async () => {
  const well = await tieout(['doctor']);
  expect(well).toMatchObject({ code: 0 });
  expect(well.stdout).toMatch(/✓ reader +sees schema books, and can write nothing/);
  expect(well.stdout).toMatch(/! Slack +Not configured/);
  rmSync(path.join(bench.dir, 'orders.csv'));
  const ill = await tieout(['doctor', '--json']);
  expect(ill.code).toBe(1);
  const { examinations } = JSON.parse(ill.stdout);
  expect(examinations).toContainEqual({
    about: 'files',
    status: 'fail',
    message: 'orders.csv cannot be read (ENOENT).',
    remedy: 'Put it there, or correct sources.files.orders.path.',
  });
});
