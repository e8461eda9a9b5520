import { exportAddress, queryOf } from './exceptions-query';

jest.mock('../../api/client', () => ({}));

test('an address becomes a query; what no API knows is left out', () => {
  expect(
    queryOf({
      state: 'open,gone,proposed',
      severity: 'high',
      sort: 'loudest',
      overdue: 'yes',
      text: ' a ',
      control: 'BK-01',
    }),
  ).toEqual({ state: 'open,proposed', severity: 'high', control: 'BK-01' });
});

test('a list and its export are the same query', () => {
  expect(exportAddress({ state: 'open,proposed', text: 'Grün & Co' }, 'csv')).toBe(
    '/api/v1/exceptions/export?state=open%2Cproposed&text=Gr%C3%BCn+%26+Co&format=csv',
  );
  expect(exportAddress({}, 'xlsx')).toBe('/api/v1/exceptions/export?format=xlsx');
});
