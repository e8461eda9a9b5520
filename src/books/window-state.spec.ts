import { windowState, type EarlierRead, type SourceTotal, type WindowFacts } from './window-state';

const agrees: SourceTotal = { status: 'agrees', totals: [], query: 'select count(Id)' };
const read: WindowFacts = {
  from: '2026-06-01T00:00:00Z',
  to: '2026-06-02T00:00:00Z',
  rows: '2',
  idSetSha256: 'a',
  totals: [{ currency: 'USD', rows: '2', amount: '10.00' }],
  sourceTotal: agrees,
  startedAt: '2026-06-02T01:10:00Z',
  finishedAt: '2026-06-02T01:11:00Z',
};
const earlier: EarlierRead = {
  readNo: 1,
  state: 'open',
  idSetSha256: 'a',
  totals: read.totals,
  startedAt: '2026-06-02T00:50:00Z',
  finishedAt: '2026-06-02T01:00:00Z',
};
const safe = '2026-06-02T00:00:00Z';
const open = (reason: string) => ({ state: 'open', reason });

describe('a window', () => {
  test('is closed by a second read ten minutes later with the same ids', () => {
    expect(windowState(read, earlier, safe)).toEqual({ state: 'closed' });
  });

  test('stays open when a second read comes a millisecond too early', () => {
    const hasty = { ...read, startedAt: '2026-06-02T01:09:59.999Z' };
    expect(windowState(hasty, earlier, safe)).toEqual(
      open('read 1 was less than ten minutes before'),
    );
  });

  test('stays open after one read', () => {
    expect(windowState(read, null, safe)).toEqual(
      open('it was read once; a second read must give the same ids'),
    );
  });

  test('stays open while rows may still appear in it', () => {
    expect(windowState(read, earlier, '2026-06-01T23:59:59.999Z')).toEqual(
      open(
        'it ends at 2026-06-02T00:00:00Z, and only what is before ' +
          '2026-06-01T23:59:59.999Z is settled',
      ),
    );
  });

  test('stays open when two reads gave other ids', () => {
    expect(windowState(read, { ...earlier, idSetSha256: 'b' }, safe)).toEqual(
      open('read 1 gave other ids'),
    );
  });

  test('stays open when amounts changed between two reads, unless changing moves items on', () => {
    const totals = [{ currency: 'USD', rows: '2', amount: '10.01' }];
    expect(windowState({ ...read, totals }, earlier, safe)).toEqual(
      open('read 1 gave other totals'),
    );
    expect(windowState({ ...read, totals, itemsMoveOn: true }, earlier, safe)).toEqual({
      state: 'closed',
    });
  });

  test('stays open when the source counts otherwise, and says in which currency', () => {
    const totals = [
      { currency: 'EUR', rows: '1', amount: '3' },
      { currency: 'USD', rows: '3', amount: '10.00' },
    ];
    const sourceTotal: SourceTotal = { status: 'differs', totals, query: 'select count(Id)' };
    expect(windowState({ ...read, sourceTotal }, earlier, safe)).toEqual(
      open(
        "the source's own total differs: EUR none read, 3 in 1 there; " +
          'USD 10.00 in 2 read, 10.00 in 3 there',
      ),
    );
  });

  test('closes without a total when the source cannot be asked for one', () => {
    const sourceTotal: SourceTotal = { status: 'unavailable', reason: 'lists have no count' };
    expect(windowState({ ...read, sourceTotal }, earlier, safe)).toEqual({ state: 'closed' });
  });
});

describe('a closed window', () => {
  const closed: EarlierRead = { ...earlier, state: 'closed', readNo: 2 };

  test('stays closed when it is read again at once and is the same', () => {
    const again = { ...read, startedAt: closed.finishedAt };
    expect(windowState(again, closed, safe)).toEqual({ state: 'closed' });
  });

  test('opens again when a row came, left or changed its amount', () => {
    const more = { ...read, idSetSha256: 'b' };
    expect(windowState(more, closed, safe)).toEqual(
      open('it was closed by read 2, and now has other ids'),
    );
    const edited = { ...read, totals: [{ currency: 'USD', rows: '2', amount: '11.00' }] };
    expect(windowState(edited, closed, safe)).toEqual(
      open('it was closed by read 2, and now has other totals'),
    );
  });
});
