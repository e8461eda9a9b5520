import { compareRecords, readable, sameValue } from './compare-records';

test('what differs comes first, then what both have, then the rest', () => {
  const rows = compareRecords(
    [{ id: 'a', amount: '10.00', amount_text: '10.00', name: 'Ann', source_ref: 'crm:a' }],
    [{ id: 'a', amount: '12.50', paid_on: '2026-06-01', source_ref: 'bank:a' }],
  );
  expect(rows.map(({ name, left, right, differs }) => [name, left[0], right[0], differs])).toEqual([
    ['amount', '10.00', '12.50', true],
    ['id', 'a', 'a', false],
    ['name', 'Ann', null, false],
    ['paid_on', null, '2026-06-01', false],
  ]);
});

test('several records on one side agree when one of them does', () => {
  const rows = compareRecords([{ number: '7' }], [{ number: '6' }, { number: '7' }]);
  expect(rows).toEqual([{ name: 'number', left: ['7'], right: ['6', '7'], differs: false }]);
});

test('two ways to write one amount are no difference', () => {
  expect(sameValue('10.50', '10.5')).toBe(true);
  expect(sameValue('10.50', '10.51')).toBe(false);
  expect(sameValue(null, '')).toBe(false);
});

test('idle zeros are left out, cents are kept', () => {
  expect(readable('2180.000000000000')).toBe('2180.00');
  expect(readable('0.002000')).toBe('0.002');
  expect(readable('2026-06-30')).toBe('2026-06-30');
});
