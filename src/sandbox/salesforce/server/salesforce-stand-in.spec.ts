import { createSign, generateKeyPairSync } from 'node:crypto';
import { Connection } from 'jsforce';
import type { SalesforceRecord } from '../../world/records';
import {
  startSalesforceStandIn,
  type SalesforceStandIn,
  type SalesforceStandInOptions,
} from './salesforce-stand-in';
import type { StandInUser } from './stand-in-user';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const integration: StandInUser = { id: '005Qk0Integrati', username: 'tieout@northwind.example' };
const inactive: StandInUser = {
  id: '005Qk0Inactive0',
  username: 'gone@northwind.example',
  isActive: false,
};
const blinkered: StandInUser = {
  id: '005Qk0Blinkered',
  username: 'rep@northwind.example',
  hiddenFields: ['Opportunity.Amount'],
  hiddenObjects: ['SetupAuditTrail'],
  hidesRow: (object, row) => object === 'Opportunity' && row.OwnerId !== '005Qk0Blinkered',
};

const appId = '3MVG9StandIn';
const start = Date.parse('2026-06-30T12:00:00Z');
let nowMs = start;
let server: SalesforceStandIn;

beforeEach(() => {
  nowMs = start;
});
afterEach(() => server.stop());

async function open(options: Partial<SalesforceStandInOptions> = {}): Promise<void> {
  server = await startSalesforceStandIn({
    records: [],
    clock: { now: () => new Date(nowMs).toISOString() },
    users: [integration, inactive, blinkered],
    tokens: { 'all-seeing': integration.username, 'of-rep': blinkered.username },
    apps: [
      { clientId: appId, certificate: publicKey, approvedUsers: [integration.username] },
      { clientId: 'with-secret', clientSecret: 'hush', runAs: integration.username },
      { clientId: 'nobody', clientSecret: 'hush' },
    ],
    ...options,
  });
}

const connection = (accessToken = 'all-seeing'): Connection =>
  new Connection({ instanceUrl: server.url, accessToken, version: '66.0' });

const at = (ms: number): string => new Date(ms).toISOString();

const idOf = (prefix: string, n: number): string => `${prefix}Qk0${String(n).padStart(9, '0')}AAA`;

const opportunity = (n: number, fields: object = {}): SalesforceRecord => ({
  object: 'Opportunity',
  record: {
    Id: idOf('006', n),
    Name: `Deal ${n}`,
    AccountId: idOf('001', 1),
    StageName: 'Closed Won',
    IsWon: true,
    IsClosed: true,
    Amount: 1_000 + n,
    CurrencyIsoCode: 'USD',
    CloseDate: '2026-06-15',
    OwnerId: integration.id,
    IsDeleted: false,
    CreatedDate: at(start - 3_600_000),
    LastModifiedDate: at(start - 3_600_000 + n * 1000),
    SystemModstamp: at(start - 3_600_000 + n * 1000),
    ...fields,
  },
});

const account = (n: number, fields: object = {}): SalesforceRecord => ({
  object: 'Account',
  record: {
    Id: idOf('001', n),
    Name: `Account ${n}`,
    IsDeleted: false,
    SystemModstamp: at(start - 7_200_000),
    ...fields,
  },
});

const errorOf = (call: Promise<unknown> | PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(call).then(
    () => 'no error',
    (error: { errorCode?: string; name?: string; message: string }) =>
      `${error.errorCode ?? error.name ?? ''}: ${error.message}`,
  );

function assertion(
  claims: object,
  key: Parameters<ReturnType<typeof createSign>['sign']>[0],
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const whole = {
    iss: appId,
    sub: integration.username,
    aud: 'https://login.salesforce.com',
    exp: Math.floor(nowMs / 1000) + 180,
    ...claims,
  };
  const signed = `${part({ alg: 'RS256' })}.${part(whole)}`;
  return `${signed}.${createSign('sha256').update(signed).sign(key).toString('base64url')}`;
}

const signIn = async (claims: object = {}, key: typeof stranger | string = privateKey) => {
  const conn = new Connection({ loginUrl: server.url, version: '66.0' });
  await conn.authorize({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertion(claims, key),
  });
  return conn;
};

describe('signing in', () => {
  test('a JWT assertion gives a session that queries as its user', async () => {
    await open({ records: [opportunity(1)] });
    const conn = await signIn();
    expect(conn.instanceUrl).toBe(server.url);
    expect((await conn.query('SELECT Id, Amount FROM Opportunity')).records).toMatchObject([
      { Id: idOf('006', 1), Amount: 1001 },
    ]);
    expect(await conn.identity()).toMatchObject({
      user_id: integration.id,
      username: integration.username,
    });
  });

  test('assertions are refused in the words of Salesforce', async () => {
    await open();
    const refused = (claims: object, key?: typeof stranger): Promise<unknown> =>
      errorOf(signIn(claims, key));
    expect(await refused({ iss: 'other' })).toBe('invalid_client_id: client identifier invalid');
    expect(await refused({}, stranger)).toBe('invalid_grant: invalid assertion');
    expect(await refused({ aud: 'https://example.com' })).toBe(
      'invalid_grant: audience is invalid',
    );
    expect(await refused({ exp: start / 1000 })).toBe('invalid_grant: expired authorization code');
    expect(await refused({ sub: 'nobody@x.example' })).toBe(
      "invalid_grant: user hasn't approved this consumer",
    );
    expect(await refused({ sub: inactive.username })).toBe(
      "invalid_grant: user hasn't approved this consumer",
    );
  });

  test('client credentials run as the user of the app', async () => {
    await open({ records: [opportunity(1)] });
    const client = (clientId: string, clientSecret: string): Promise<Connection> => {
      const conn = new Connection({
        version: '66.0',
        oauth2: { loginUrl: server.url, clientId, clientSecret },
      });
      return conn.authorize({ grant_type: 'client_credentials' }).then(() => conn);
    };
    const conn = await client('with-secret', 'hush');
    expect((await conn.query('SELECT COUNT() FROM Opportunity')).totalSize).toBe(1);
    expect(await errorOf(client('with-secret', 'loud'))).toBe(
      'invalid_client: invalid client credentials',
    );
    expect(await errorOf(client('nobody', 'hush'))).toBe(
      'invalid_grant: no client credentials user enabled',
    );
  });

  test('a session ends after two hours, and jsforce signs in again when told how', async () => {
    await open({ records: [opportunity(1)] });
    const conn = await signIn();
    nowMs += 121 * 60_000;
    expect(await errorOf(conn.query('SELECT Id FROM Opportunity'))).toBe(
      'INVALID_SESSION_ID: Session expired or invalid',
    );
    const renewing = new Connection({
      instanceUrl: server.url,
      accessToken: conn.accessToken ?? '',
      version: '66.0',
      refreshFn: (_conn, done) => {
        signIn().then(
          (fresh) => {
            done(null, fresh.accessToken ?? '');
          },
          (error: Error) => {
            done(error);
          },
        );
      },
    });
    expect((await renewing.query('SELECT Id FROM Opportunity')).totalSize).toBe(1);
  });
});

describe('what a user may not see', () => {
  test('a hidden field does not exist, in query, describe and record', async () => {
    await open({ records: [opportunity(1, { OwnerId: blinkered.id })] });
    const rep = connection('of-rep');
    expect(await errorOf(rep.query('SELECT Id, Amount FROM Opportunity'))).toBe(
      'INVALID_FIELD: \nSELECT Id, Amount FROM Opportunity\n           ^\n' +
        "ERROR at Row:1:Column:12\nNo such column 'Amount' on entity 'Opportunity'. If you are " +
        'attempting to use a custom field, be sure to append the __c after the custom field ' +
        'name. Please reference your WSDL or the describe call for the appropriate names.',
    );
    const names = (await rep.describe('Opportunity')).fields.map(({ name }) => name);
    expect(names).toContain('CloseDate');
    expect(names).not.toContain('Amount');
    expect(await rep.sobject('Opportunity').retrieve(idOf('006', 1))).not.toHaveProperty('Amount');
  });

  test('a hidden object is no type, and a hidden row is neither read nor counted', async () => {
    await open({ records: [opportunity(1), opportunity(2, { OwnerId: blinkered.id })] });
    const rep = connection('of-rep');
    expect(await errorOf(rep.query('SELECT Id FROM SetupAuditTrail'))).toMatch(
      /^INVALID_TYPE: [^]*sObject type 'SetupAuditTrail' is not supported\./,
    );
    expect(await errorOf(rep.describe('SetupAuditTrail'))).toBe(
      'NOT_FOUND: The requested resource does not exist',
    );
    expect((await rep.query('SELECT Id FROM Opportunity')).totalSize).toBe(1);
    expect((await rep.query('SELECT COUNT() FROM Opportunity')).totalSize).toBe(1);
    expect(await errorOf(rep.sobject('Opportunity').retrieve(idOf('006', 1)))).toMatch(
      /^NOT_FOUND/,
    );
    const counts = await rep.request('/limits/recordCount?sObjects=Opportunity');
    expect(counts).toEqual({ sObjects: [{ count: 2, name: 'Opportunity' }] });
  });
});

describe('pages', () => {
  const many = Array.from({ length: 450 }, (_none, n) => opportunity(n));
  const readAll = async (conn: Connection, soql: string): Promise<string[]> => {
    const ids: string[] = [];
    const headers = { 'Sforce-Query-Options': 'batchSize=200' };
    let page = await conn.query(soql, { headers });
    for (;;) {
      ids.push(...page.records.map(({ Id }) => String(Id)));
      if (page.nextRecordsUrl === undefined) return ids;
      page = await conn.queryMore(page.nextRecordsUrl);
    }
  };

  test('every row comes once, over as many pages as the batch size makes', async () => {
    await open({ records: many });
    const ids = await readAll(connection(), 'SELECT Id FROM Opportunity ORDER BY Id');
    expect(ids).toEqual(many.map(({ record }) => record.Id));
    expect(server.requests().map(({ endpoint }) => endpoint)).toEqual([
      'query',
      'queryMore',
      'queryMore',
    ]);
  });

  test('pages may be one row long, and a cursor keeps its rows when others come', async () => {
    await open({ records: many.slice(0, 3), maxPageRows: 1 });
    const conn = connection();
    const first = await conn.query('SELECT Id FROM Opportunity ORDER BY Id');
    expect(first).toMatchObject({ totalSize: 3, done: false });
    server.load([opportunity(99)]);
    const second = await conn.queryMore(first.nextRecordsUrl ?? '');
    expect(second.records.map(({ Id }) => Id)).toEqual([idOf('006', 1)]);
    expect(await readAll(conn, 'SELECT Id FROM Opportunity')).toEqual([idOf('006', 99)]);
  });

  test('a cursor lives two days, for its user alone, and can be lost before', async () => {
    await open({ records: many.slice(0, 3), maxPageRows: 1, sessionMinutes: 10_000 });
    const next = (await connection().query('SELECT Id FROM Opportunity')).nextRecordsUrl ?? '';
    const lost = 'INVALID_QUERY_LOCATOR: invalid query locator';
    expect(await errorOf(connection('of-rep').queryMore(next))).toBe(lost);
    nowMs += 2 * 86_400_000 - 1000;
    expect((await connection().queryMore(next)).records).toHaveLength(1);
    nowMs += 1000;
    expect(await errorOf(connection().queryMore(next))).toBe(lost);
    const other = (await connection().query('SELECT Id FROM Opportunity')).nextRecordsUrl ?? '';
    server.fail({ does: 'expire_locator', on: 'queryMore' });
    expect(await errorOf(connection().queryMore(other))).toBe(lost);
    expect(await errorOf(connection().queryMore(other))).toBe(lost);
  });

  test('query hides deleted rows, queryAll shows them until they are purged', async () => {
    const deleted = opportunity(2, { IsDeleted: true });
    await open({ records: [opportunity(1), deleted], sessionMinutes: 100_000 });
    const count = async (scanAll: boolean): Promise<number> =>
      (await connection().query('SELECT Id FROM Opportunity', { scanAll })).totalSize;
    expect(await count(false)).toBe(1);
    expect(await count(true)).toBe(2);
    nowMs += 16 * 86_400_000;
    expect(await count(true)).toBe(1);
  });

  test('groups beyond one page are refused, as they cannot be paged', async () => {
    await open({ records: many, maxPageRows: 100 });
    expect(
      await errorOf(connection().query('SELECT Name, COUNT(Id) FROM Opportunity GROUP BY Name')),
    ).toMatch(/^EXCEEDED_ID_LIMIT: Aggregate query does not support queryMore\(\)/);
  });
});

describe('the API around queries', () => {
  test('describe tells types, references and what can be filtered', async () => {
    await open({
      records: [opportunity(1, { Extra__c: 'x' })],
      conditions: { unfilterable: [{ object: 'Opportunity', field: 'SystemModstamp' }] },
    });
    const { fields, replicateable } = await connection().describe('Opportunity');
    const field = (name: string) => fields.find((one) => one.name === name);
    expect(replicateable).toBe(true);
    expect(field('Amount')).toMatchObject({ type: 'currency', precision: 18, scale: 2 });
    expect(field('AccountId')).toMatchObject({
      type: 'reference',
      referenceTo: ['Account'],
      relationshipName: 'Account',
    });
    expect(field('Extra__c')).toMatchObject({ type: 'string', custom: true, label: 'Extra' });
    expect(field('CreatedDate')).toMatchObject({ type: 'datetime', filterable: true });
    expect(field('SystemModstamp')).toMatchObject({ type: 'datetime', filterable: false });
    expect(
      await errorOf(
        connection().query(
          'SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-01-01T00:00:00Z',
        ),
      ),
    ).toMatch(/^INVALID_FIELD: [^]*field 'SystemModstamp' can not be filtered in a query call$/);
    const { sobjects } = await connection().describeGlobal();
    expect(sobjects.find(({ name }) => name === 'SBQQ__Quote__c')).toMatchObject({ custom: true });
  });

  test('requests are counted, told in a header, and refused beyond the limit', async () => {
    await open({ records: [opportunity(1)], apiRequests: { limit: 100, used: 97 } });
    const conn = connection();
    await conn.query('SELECT Id FROM Opportunity');
    expect(conn.limitInfo.apiUsage).toEqual({ used: 98, limit: 100 });
    expect((await conn.limits()).DailyApiRequests).toEqual({ Max: 100, Remaining: 1 });
    await conn.query('SELECT Id FROM Opportunity');
    expect(await errorOf(conn.query('SELECT Id FROM Opportunity'))).toBe(
      'REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.',
    );
  });

  test('the clock stands in the Date header, and nothing can be written', async () => {
    await open({ records: [opportunity(1)] });
    const response = await fetch(`${server.url}/services/data`);
    expect(response.headers.get('date')).toBe('Tue, 30 Jun 2026 12:00:00 GMT');
    expect(((await response.json()) as object[]).at(-1)).toEqual({
      label: 'v66.0',
      url: '/services/data/v66.0',
      version: '66.0',
    });
    expect(await errorOf(connection().sobject('Account').create({ Name: 'x' }))).toMatch(
      /^METHOD_NOT_ALLOWED: HTTP Method 'POST' not allowed/,
    );
    const deaf = new Connection({ instanceUrl: server.url, accessToken: 'unknown' });
    expect(await errorOf(deaf.query('SELECT Id FROM Account'))).toBe(
      'INVALID_SESSION_ID: Session expired or invalid',
    );
  });

  test('numbers and instants are written as Salesforce writes them', async () => {
    const fields = { Amount: 12_345_678.5, CreatedDate: '2026-06-30T17:04:05Z' };
    await open({ records: [opportunity(1, fields), account(1)] });
    const soql = 'SELECT Amount, CreatedDate, Account.Name FROM Opportunity';
    const response = await fetch(
      `${server.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`,
      { headers: { authorization: 'Bearer all-seeing' } },
    );
    expect(await response.text()).toBe(
      '{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Opportunity","url":' +
        `"/services/data/v66.0/sobjects/Opportunity/${idOf('006', 1)}"},"Amount":1.23456785E7,` +
        '"CreatedDate":"2026-06-30T17:04:05.000+0000","Account":{"attributes":{"type":"Account",' +
        `"url":"/services/data/v66.0/sobjects/Account/${idOf('001', 1)}"},"Name":"Account 1"}}]}`,
    );
  });
});
