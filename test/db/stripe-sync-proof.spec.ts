import type { StripeSync } from '../../src/sources/stripe/sync-report';
import { recordHint } from '../../src/sources/stripe/stripe-hints.store';
import { checkStripe } from '../../src/sources/stripe/sync-stripe';
import { startChangingProxy, type Body, type ChangingProxy } from '../support/changing-proxy';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openStripeBench, type StripeBench } from '../support/stripe-account';

const now = '2025-07-03T09:00:00.000Z';
const since = '2025-06-01';
const june = { from: '2025-06-01T00:00:00.000Z', to: '2025-07-01T00:00:00.000Z' };

let database: TestDatabase;
let bench: StripeBench;
let proxy: ChangingProxy;
beforeEach(async () => {
  database = await createTestDatabase();
  bench = await openStripeBench({ now, since });
  proxy = await startChangingProxy(bench.standIn.url);
  bench.account.config.api_url = proxy.url;
});
afterEach(async () => {
  await proxy.stop();
  await bench.standIn.stop();
  await database.drop();
});

async function syncLater(minutes: number): Promise<StripeSync> {
  bench.clock.move(minutes);
  return bench.sync(database);
}

async function stateOfJune(object: string): Promise<{ state: string; reason: string | null }> {
  const found = await database.app.raw<{ rows: { state: string; reason: string | null }[] }>(
    `select state, state_reason as reason from books.source_windows
     where object = ? and from_at = ?::timestamptz and to_at = ?::timestamptz`,
    [object, june.from, june.to],
  );
  return found.rows[0] ?? { state: 'unknown', reason: null };
}

const messages = ({ problems }: StripeSync, object: string): string[] =>
  problems.filter((one) => one.object === object).map(({ message }) => message);

const isJune = (url: URL): boolean =>
  Number(url.searchParams.get('created[gte]')) === Date.parse(june.from) / 1000;

/** Drops the last two objects of June from a list. */
const droppingTwo =
  (path: string): ChangingProxy['change'] =>
  (url, body) =>
    url.pathname === path && isJune(url)
      ? { ...body, data: (body.data ?? []).slice(0, -2) }
      : undefined;

describe('a window does not close', () => {
  test('when the first read lost a page: the second gives other ids', async () => {
    proxy.change = droppingTwo('/v1/charges');
    await bench.sync(database);
    proxy.change = () => undefined;
    const second = await syncLater(15);
    expect(await stateOfJune('charge')).toEqual({ state: 'open', reason: 'read 1 gave other ids' });
    expect(messages(second, 'charge')).toEqual(['read 1 gave other ids']);
    await syncLater(15);
    expect(await stateOfJune('charge')).toEqual({ state: 'closed', reason: null });
  });

  test('when a later read lost a page: what is held is asked for by id', async () => {
    await bench.sync(database);
    proxy.change = droppingTwo('/v1/charges');
    const second = await syncLater(15);
    expect((await stateOfJune('charge')).state).toBe('open');
    const [message = ''] = messages(second, 'charge');
    expect(message).toMatch(/^the list left out (ch|py)_\w+, (ch|py)_\w+, which Stripe still/);
    expect(second.streams.every(({ deletions }) => deletions === 0)).toBe(true);
  });

  test('when every read lost the same charges, and movements name them', async () => {
    proxy.change = droppingTwo('/v1/charges');
    await bench.sync(database);
    const second = await syncLater(15);
    const { state, reason } = await stateOfJune('charge');
    expect([state, reason]).toEqual([
      'open',
      expect.stringMatching(/^the source's own total differs: (ch|py)_\w+.* is there by id only$/),
    ]);
    expect(messages(second, 'charge')[0]).toMatch(/^the list left out (ch|py)_\w+.*, which Stripe/);
  });

  test('when both reads lost the same page, and the list by status has it', async () => {
    proxy.change = (url, body) =>
      url.searchParams.has('status') ? undefined : droppingTwo('/v1/invoices')(url, body);
    await bench.sync(database);
    const second = await syncLater(15);
    expect((await stateOfJune('invoice')).reason).toMatch(/^the source's own total differs: /);
    expect(messages(second, 'invoice')[0]).toMatch(/^by status there is in_\w+, in_\w+, which the/);
  });

  test('when both reads lost the same movements, and the report has them', async () => {
    proxy.change = droppingTwo('/v1/balance_transactions');
    await bench.sync(database);
    await syncLater(15);
    const { state, reason } = await stateOfJune('balance_transaction');
    expect([state, reason?.slice(0, 33)]).toEqual(['open', "the source's own total differs: E"]);
  });

  // Every invoice shows its first line only, and all of them on a list of their own.
  const paged: ChangingProxy['change'] = (url, body) => {
    if (url.pathname !== '/v1/invoices') return undefined;
    const data = (body.data ?? []).map((invoice) => {
      const lines = invoice['lines'] as Body;
      return { ...invoice, lines: { ...lines, data: lines.data?.slice(0, 1), has_more: true } };
    });
    return { ...body, data };
  };
  const linesOf = (url: URL): string =>
    /^\/v1\/invoices\/(\w+)\/lines$/.exec(url.pathname)?.[1] ?? '';

  test('when a page of lines is lost', async () => {
    proxy.change = paged;
    await bench.sync(database);
    let lost = '';
    proxy.change = (url, body) => {
      if (linesOf(url) === '' || (body.data?.length ?? 0) < 2) return paged(url, body);
      lost = linesOf(url);
      return { ...body, data: body.data?.slice(0, 1) ?? [] };
    };
    const second = await syncLater(15);
    expect(lost).not.toBe('');
    const said = messages(second, 'invoice').join();
    expect(said).toMatch(/the 1 lines of in_\w+ add up to -?\d+ minor units, and it says -?\d+/);
  });

  test('when every read lost the same page of lines: the invoice does not add up', async () => {
    let lost = '';
    proxy.change = (url, body) => {
      const invoice = linesOf(url);
      if (invoice === '' || (body.data?.length ?? 0) < 2) return paged(url, body);
      lost ||= invoice;
      return invoice === lost ? { ...body, data: body.data?.slice(0, 1) ?? [] } : undefined;
    };
    await bench.sync(database);
    const second = await syncLater(15);
    expect(lost).not.toBe('');
    const said = new RegExp(`^the 1 lines of ${lost} add up to \\d+ minor units, and it says \\d+`);
    expect(messages(second, 'invoice').filter((message) => said.test(message))).toHaveLength(1);
    const open = await database.app.raw<{ rows: { reason: string }[] }>(
      `select state_reason as reason from books.source_windows where object = 'invoice'
         and state = 'open' and source_total = 'differs'`,
    );
    expect(open.rows.map(({ reason }) => reason)).toEqual([expect.stringContaining(lost)]);
  });

  test('when an invoice that was proven is edited late', async () => {
    await bench.sync(database);
    await syncLater(15);
    expect((await stateOfJune('invoice')).state).toBe('closed');
    const edited = bench.records.find(
      ({ collection, created }) =>
        collection === 'invoices' &&
        created * 1000 >= Date.parse(june.from) &&
        created * 1000 < Date.parse(june.to),
    );
    proxy.change = (url, body) => {
      if (url.pathname !== '/v1/invoices') return undefined;
      const data = (body.data ?? []).map((one) =>
        one['id'] === edited?.id ? { ...one, total: Number(one['total']) + 100 } : one,
      );
      return { ...body, data };
    };
    const night = await syncLater(1440);
    expect((await stateOfJune('invoice')).state).toBe('open');
    expect(messages(night, 'invoice')).toContain(
      'it was closed by read 2, and now has other totals',
    );
  });
});

describe('what Stripe does not give is told, and the rest is read', () => {
  test('a list that is refused, and a field that is not shown', async () => {
    proxy.change = (url) => {
      const message = url.search.includes('amount_paid_off_stripe')
        ? 'This property cannot be expanded (amount_paid_off_stripe).'
        : 'Unrecognized request URL.';
      const error = { type: 'invalid_request_error', message };
      const isField = url.pathname === '/v1/invoices' && message.startsWith('This property');
      if (isField) return { status: 400, body: { error: { ...error, code: 'property_invalid' } } };
      return url.pathname === '/v1/disputes' ? { status: 404, body: { error } } : undefined;
    };
    const sync = await bench.sync(database);
    expect(sync.unread).toMatchObject([
      {
        object: 'dispute',
        window: null,
        message: expect.stringMatching(/Unrecognized request URL/),
      },
    ]);
    expect(messages(sync, 'field')).toEqual([
      'GET /v1/invoices does not show data.amount_paid_off_stripe',
    ]);
    expect(sync.streams.find(({ object }) => object === 'invoice')?.rows).toBeGreaterThan(10);
    expect(await stateOfJune('dispute')).toEqual({ state: 'unknown', reason: null });
  });

  test('values that no mapping knows are problems of the books that name the field', async () => {
    proxy.change = (url, body) => {
      if (url.pathname !== '/v1/charges') return undefined;
      const data = (body.data ?? []).map((one, at) => (at > 0 ? one : { ...one, status: 'odd' }));
      return { ...body, data };
    };
    await bench.sync(database);
    const found = await database.app.raw<{ rows: unknown[] }>(
      `select distinct object, field, code from books.mapping_problems`,
    );
    expect(found.rows).toEqual([{ object: 'charge', field: 'status', code: 'unknown_value' }]);
  });
});

describe('what events and webhooks name is asked for again', () => {
  const hinted = async (): Promise<string[]> => {
    const found = await database.app.raw<{ rows: { said: string }[] }>(
      `select object || ' ' || object_id as said from tieout.stripe_hints order by 1`,
    );
    return found.rows.map(({ said }) => said);
  };
  const hint = (object: string, at: string) =>
    recordHint(database.app, 'ie', { object, id: `${object}_1`, created: null }, at);

  test('from where the last sync began, however long it took', async () => {
    await bench.sync(database);
    bench.clock.move(15);
    const begun = Date.parse(bench.clock.now()) / 1000;
    let isMoved = false;
    await bench.sync(database, {
      progress: () => {
        if (!isMoved) bench.clock.move(180);
        isMoved = true;
      },
    });
    expect(isMoved).toBe(true);
    const since: number[] = [];
    proxy.change = (url) => {
      const from = url.searchParams.get('created[gte]');
      if (url.pathname === '/v1/events' && from !== null) since.push(Number(from));
      return undefined;
    };
    await syncLater(15);
    expect(Math.min(...since)).toBe(begun - 3600);
  });

  test('and what could not be is kept, as is what comes meanwhile', async () => {
    await bench.sync(database);
    await hint('invoice', '2025-07-03T09:10:00Z');
    await hint('charge', '2025-07-03T09:10:00Z');
    bench.account.config.key = bench.blind;
    bench.clock.move(15);
    const noted: Promise<void>[] = [];
    await bench.sync(database, {
      // The server that hears webhooks has a clock of its own, which is behind.
      progress: () => {
        if (noted.length === 0) noted.push(hint('refund', '2025-07-03T09:00:00Z'));
      },
    });
    await Promise.all(noted);
    expect(await hinted()).toEqual(
      expect.arrayContaining(['invoice invoice_1', 'refund refund_1']),
    );
    expect(await hinted()).not.toContain('charge charge_1');
  });
});

describe('an account is checked', () => {
  const problems = async (): Promise<[string, string][]> => {
    const { clock } = bench;
    const sleep = (): Promise<void> => Promise.resolve();
    const check = await checkStripe(bench.account, { clock, sleep });
    return check.problems
      .filter(({ code }) => code !== 'clock_skew')
      .map(({ code, message }) => [code, message]);
  };

  test('a restricted key that reads is what it should be', async () => {
    expect(await problems()).toEqual([]);
  });

  test('a key that can write is reported', async () => {
    bench.account.config.key = bench.writer;
    expect(await problems()).toEqual([
      ['key_can_write', 'The key can change objects of the account: charge.'],
    ]);
  });

  test('a permission that is missing is named', async () => {
    bench.account.config.key = bench.blind;
    const [found] = await problems();
    expect(found?.[0]).toBe('permission_missing');
    expect(found?.[1]).toMatch(/^invoice: GET \/v1\/invoices: .*rak_invoice_read/);
  });

  test('a key that Stripe does not know ends the sync', async () => {
    bench.account.config.key = 'rk_live_unknown';
    expect((await problems())[0]?.[0]).toBe('key_refused');
    await expect(bench.sync(database)).rejects.toMatchObject({ kind: 'key_refused' });
  });

  test('a key of another account is refused, once one was read', async () => {
    await bench.sync(database);
    proxy.change = (url) => (url.pathname === '/v1/account' ? { id: 'acct_other' } : undefined);
    await expect(bench.sync(database)).rejects.toMatchObject({ name: 'OtherAccount' });
  });
});
