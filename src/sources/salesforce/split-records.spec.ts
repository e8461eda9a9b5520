import { splitRecords } from './split-records';

const answer = (records: string, more = '"totalSize":2,"done":true'): string =>
  `{${more},"records":${records}}`;

test('an answer is cut into its records byte for byte', () => {
  const first =
    '{"attributes":{"type":"Account"}, "Id":"001","Name":"a \\"}] \\\\","Amount":1.0E7}';
  const second = '{"Id":"002","records":[{"x":[1]}],"Owner":{"records":null}}';
  expect(splitRecords(answer(`[ ${first} ,\n${second}]`))).toEqual({
    records: [first, second],
    totalSize: 2,
    next: null,
  });
});

test('a page that is not the last says where the next one is', () => {
  const more =
    '"totalSize":4000,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2000"';
  expect(splitRecords(answer('[{"Id":"1"}]', more))).toEqual({
    records: ['{"Id":"1"}'],
    totalSize: 4000,
    next: '/services/data/v66.0/query/01g-2000',
  });
});

test('an answer without rows is a page of none', () => {
  expect(splitRecords(answer('[]', '"totalSize":0,"done":true'))?.records).toEqual([]);
});

test.each([
  ['cut at any point', answer('[{"Id":"1"}]').slice(0, 40)],
  ['without records', '{"totalSize":0,"done":true}'],
  ['not done, without a next page', '{"totalSize":9,"done":false,"records":[]}'],
  ['a refusal', '[{"errorCode":"MALFORMED_QUERY","message":"no"}]'],
  ['HTML', '<html></html>'],
])('what is %s is no answer', (_, text) => {
  expect(splitRecords(text)).toBeNull();
});
