import { BookZone } from '../../kit/book-zone';
import type { SalesforceObject } from '../../kit/ids';
import type { SalesforceRecord } from '../../world/records';
import { Org } from './org';
import { runSoql } from './run-soql';
import { UserAccess } from './stand-in-user';
import { javaDouble } from './wire-format';

const nowMs = Date.parse('2026-07-01T03:00:00Z');
type Fields = Record<string, string | number | boolean | null>;

const record = (object: SalesforceObject, Id: string, fields: Fields): SalesforceRecord => ({
  object,
  record: { Id, IsDeleted: false, ...fields },
});

const deal = (n: number, fields: Fields): SalesforceRecord =>
  record('Opportunity', `006Qk000000000${n}AAA`, { Name: `Deal ${n}`, ...fields });

const records = [
  record('Account', '001Qk0000000001AAA', { Name: 'Acme', OwnerId: '005Qk0000000001AAA' }),
  record('User', '005Qk0000000001AAA', { Name: 'Ann' }),
  deal(1, {
    AccountId: '001Qk0000000001AAA',
    Amount: 0.1,
    CloseDate: '2026-06-30',
    IsWon: true,
    StageName: 'Closed Won',
    CurrencyIsoCode: 'USD',
    SystemModstamp: '2026-07-01T02:59:59Z',
  }),
  deal(2, {
    Amount: 0.2,
    CloseDate: '2026-07-01',
    IsWon: true,
    StageName: 'closed won',
    CurrencyIsoCode: 'EUR',
    SystemModstamp: '2026-06-30T06:59:59Z',
  }),
  deal(3, {
    Amount: null,
    CloseDate: '2026-06-01',
    IsWon: false,
    StageName: '50%_off',
    CurrencyIsoCode: 'EUR',
    SystemModstamp: '2026-06-30T07:00:00Z',
  }),
  deal(4, { CloseDate: '2026-05-31', IsDeleted: true, SystemModstamp: '2026-06-30T00:00:00Z' }),
];

const org = (more: readonly SalesforceRecord[] = []): Org => {
  const made = new Org(15);
  made.load([...records, ...more]);
  return made;
};

const run = (soql: string, timeZone = 'UTC', world = org(), withDeleted = false) => {
  const access = new UserAccess({ id: '005Qk0000000001AAA', username: 'x' });
  const scope = { org: world, access, nowMs, zone: new BookZone(timeZone) };
  const result = runSoql(soql, scope, { withDeleted, basePath: '/v' });
  const rows = Array.from(
    { length: result.rowCount },
    (_none, index) => JSON.parse(result.json(index)) as Record<string, unknown>,
  );
  return { ...result, rows };
};

/** The numbers of the deals found. */
const found = (where: string, timeZone?: string): string =>
  run(`SELECT Name FROM Opportunity WHERE ${where}`, timeZone)
    .rows.map(({ Name }) => String(Name).replace('Deal ', ''))
    .join('');

const refusal = (soql: string): string => {
  try {
    run(soql);
  } catch (error) {
    const { errorCode, message } = error as { errorCode: string; message: string };
    return `${errorCode}: ${message.split('\n').at(-1) ?? ''}`;
  }
  return 'no error';
};

test.each([
  ["StageName = 'CLOSED WON'", '12'],
  ["StageName != 'Closed Won'", '3'],
  ["StageName LIKE 'closed%'", '12'],
  ["StageName LIKE '50\\%\\_of_'", '3'],
  ["StageName IN ('x', '50%_off')", '3'],
  ["StageName NOT IN ('50%_off')", '12'],
  ['Amount = null', '3'],
  ['Amount != null', '12'],
  ['Amount > 0.1', '2'],
  ['Amount <= 0.1', '1'],
  ['Amount < 1 AND IsWon = true AND CloseDate >= 2026-07-01', '2'],
  ['NOT Amount > 0.1', '13'],
  ["(IsWon = false OR Amount = 0.2) AND CurrencyIsoCode = 'EUR'", '23'],
  ["AccountId = '001Qk0000000001'", '1'],
  ["Account.Name = 'acme'", '1'],
  ["Id > '006Qk0000000001AAA'", '23'],
  ['SystemModstamp >= 2026-06-30T07:00:00Z', '13'],
  ['SystemModstamp > 2026-06-30T00:00:00.000-07:00', '1'],
  ['CloseDate = TODAY', '2'],
  ['CloseDate < TODAY', '13'],
  ['CloseDate = LAST_N_DAYS:1', '12'],
  ['CloseDate = LAST_MONTH', '13'],
  ['SystemModstamp = TODAY', '1'],
])('where %s finds deals %s', (where, deals) => {
  expect(found(where)).toBe(deals);
});

test('date literals begin in the time zone of the user', () => {
  expect(found('CloseDate = TODAY', 'America/Los_Angeles')).toBe('1');
  expect(found('SystemModstamp = TODAY', 'America/Los_Angeles')).toBe('13');
  expect(found('SystemModstamp < TODAY', 'America/Los_Angeles')).toBe('2');
});

test('rows come in the order asked for, null first ascending and last descending', () => {
  const names = (order: string): string =>
    run(`SELECT Name FROM Opportunity ORDER BY ${order}`)
      .rows.map(({ Name }) => String(Name).slice(-1))
      .join('');
  expect(names('Amount')).toBe('312');
  expect(names('Amount DESC')).toBe('213');
  expect(names('Amount DESC NULLS FIRST')).toBe('321');
  expect(names('StageName DESC, Id DESC')).toBe('213');
  expect(names('Name LIMIT 2 OFFSET 1')).toBe('23');
});

test('related records are nested to any depth, and null when there is none', () => {
  const { rows, columns } = run(
    'SELECT Name, o.Account.Name, Account.Owner.Name FROM Opportunity o ORDER BY Name',
  );
  expect(rows[0]).toMatchObject({ Account: { Name: 'Acme', Owner: { Name: 'Ann' } } });
  expect(rows[1]).toMatchObject({ Name: 'Deal 2', Account: null });
  expect(columns).toEqual(['Name', 'Account.Name', 'Account.Owner.Name']);
});

test('counts and sums are exact, by group, and see what queries see', () => {
  expect(run('SELECT COUNT() FROM Opportunity')).toMatchObject({ totalSize: 3, rowCount: 0 });
  expect(run('SELECT COUNT() FROM Opportunity', 'UTC', org(), true).totalSize).toBe(4);
  expect(
    run('SELECT COUNT(Id), COUNT(Amount) priced, SUM(Amount), MAX(CloseDate) FROM Opportunity')
      .rows,
  ).toEqual([
    {
      attributes: { type: 'AggregateResult' },
      expr0: 3,
      priced: 2,
      expr1: 0.3,
      expr2: '2026-07-01',
    },
  ]);
  const groups = run(
    'SELECT CurrencyIsoCode, COUNT(Id) n, SUM(Amount) total FROM Opportunity ' +
      'GROUP BY CurrencyIsoCode HAVING COUNT(Id) > 0 ORDER BY COUNT(Id) DESC',
  ).rows;
  expect(groups).toEqual([
    expect.objectContaining({ CurrencyIsoCode: 'EUR', n: 2, total: 0.2 }),
    expect.objectContaining({ CurrencyIsoCode: 'USD', n: 1, total: 0.1 }),
  ]);
  expect(run("SELECT SUM(Amount) FROM Opportunity WHERE Name = 'none'").rows).toEqual([
    { attributes: { type: 'AggregateResult' }, expr0: null },
  ]);
});

test('where the org has several currencies, sums come in the corporate one', () => {
  const currencies = [
    record('CurrencyType', '01LQk0000000001AAA', { IsoCode: 'USD', ConversionRate: 1 }),
    record('CurrencyType', '01LQk0000000002AAA', { IsoCode: 'EUR', ConversionRate: 0.8 }),
  ];
  const soql =
    'SELECT CurrencyIsoCode, SUM(Amount) total FROM Opportunity GROUP BY CurrencyIsoCode';
  expect(run(soql, 'UTC', org(currencies)).rows).toEqual([
    expect.objectContaining({ CurrencyIsoCode: 'USD', total: 0.1 }),
    expect.objectContaining({ CurrencyIsoCode: 'EUR', total: 0.25 }),
  ]);
});

const wrongType = (field: string, words: string): string =>
  `INVALID_FIELD: value of filter criterion for field '${field}' must be of type ${words} be ` +
  'enclosed in quotes';

test.each([
  ['SELECT Id FROM Opportunity WHERE', "MALFORMED_QUERY: unexpected token: '<EOF>'"],
  ['SELECT Id Opportunity', "MALFORMED_QUERY: unexpected token: '<EOF>'"],
  ['SELECT Id, (SELECT Id FROM OrderItems) FROM Order', "MALFORMED_QUERY: unexpected token: '('"],
  [
    'SELECT Id FROM Order WHERE Id IN (SELECT OrderId FROM OrderItem)',
    "MALFORMED_QUERY: unexpected token: 'OrderId'",
  ],
  [
    'SELECT Id FROM Order WHERE IsDeleted = true AND Id != null OR Type = null',
    "MALFORMED_QUERY: unexpected token: 'OR'",
  ],
  [
    "SELECT Id FROM Account WHERE Name = 'x",
    "MALFORMED_QUERY: line 1:-1 mismatched character '<EOF>' expecting '''",
  ],
  [
    'SELECT Name, COUNT(Id) FROM Account',
    'MALFORMED_QUERY: Field must be grouped or aggregated: Name',
  ],
  [
    'SELECT Id FROM Account LIMIT 1 OFFSET 2001',
    'NUMBER_OUTSIDE_VALID_RANGE: Maximum SOQL offset allowed is 2000',
  ],
  ['SELECT Id, Id FROM Account', 'INVALID_FIELD: duplicate field selected: Id'],
  [
    'SELECT Id FROM Account ORDER BY Description',
    "INVALID_FIELD: field 'Description' can not be sorted in a query call",
  ],
  [
    "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'",
    wrongType('CreatedDate', 'dateTime and should not'),
  ],
  [
    'SELECT Id FROM Account WHERE CreatedDate > 2026-01-01',
    wrongType('CreatedDate', 'dateTime and should not'),
  ],
  ['SELECT Id FROM Account WHERE Name = 5', wrongType('Name', 'string and should')],
  [
    "SELECT Id FROM Account WHERE ParentId = 'x'",
    'INVALID_QUERY_FILTER_OPERATOR: invalid ID field: x',
  ],
  [
    'SELECT COUNT(Id) FROM SetupAuditTrail',
    'INVALID_TYPE_FOR_OPERATION: entity type SetupAuditTrail does not support aggregate',
  ],
])('%s is refused', (soql, words) => {
  expect(refusal(soql)).toBe(words);
});

test('a query that names no such thing is refused at its row and column', () => {
  expect(() => run('SELECT Id\nFROM Accounts')).toThrow(
    "\nSELECT Id FROM Accounts\n               ^\nERROR at Row:2:Column:6\nsObject type 'Accounts'",
  );
});

test.each([
  [0, '0.0'],
  [1800, '1800.0'],
  [1234.56, '1234.56'],
  [-0.25, '-0.25'],
  [0.001, '0.001'],
  [0.0001, '1.0E-4'],
  [9_999_999.99, '9999999.99'],
  [10_000_000, '1.0E7'],
  [-99_213_206, '-9.9213206E7'],
])('%d is written %s', (value, text) => {
  expect(javaDouble(value)).toBe(text);
});
