import { proofsIn, readThrough } from './source-proof';

const file = [
  {
    procedure: 'cash',
    sides: [
      {
        side: 'left',
        parameters: { as_of: { type: 'date', value: '2026-07-01' } },
        frozen: {
          executed: 'select 1',
          sources: [
            {
              relation: 'books.invoices',
              verified: 'closed windows, each agreed by its source',
              facts: { 'us invoice': 'closed through 2026-07-03T00:00:00.000Z', rows: '' },
            },
            {
              relation: 'books.bank_lines',
              verified: 'control total agrees',
              facts: { extracted_at: '2026-07-02T06:00:00Z, unknown' },
            },
          ],
        },
      },
      { side: 'right', parameters: {}, frozen: null },
    ],
  },
];

test('what proves a population is read from the evidence, and its oldest part decides', () => {
  const [left, right] = proofsIn(file);
  expect(left).toMatchObject({
    procedure: 'cash',
    executed: 'select 1',
    parameters: [['as_of', '2026-07-01']],
  });
  expect(left?.sources.map(({ proven }) => proven)).toEqual([
    [{ stream: 'us invoice', through: '2026-07-03T00:00:00.000Z' }],
    [],
  ]);
  expect(left && readThrough(left)).toBe('2026-07-02T06:00:00Z');
  expect(right).toMatchObject({ executed: null, sources: [] });
  expect(right && readThrough(right)).toBeNull();
});

test('a file of another shape proves nothing', () => {
  expect(proofsIn({ procedure: 'cash' })).toEqual([]);
  expect(proofsIn([{ sides: [{ frozen: { sources: [{}] } }] }])[0]?.sources).toEqual([
    { relation: '', verified: '', proven: [], extractedAt: [] },
  ]);
});
