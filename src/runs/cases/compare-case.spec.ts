import { caseSchema } from '../../core/case';
import { compareCase, type CaseVerdict } from './compare-case';

const noVerdict: CaseVerdict = {
  outcome: 'not_evaluated',
  reason: 'The population invoices is empty.',
  findings: [],
  statements: [],
};
const wanted = { outcome: 'not_evaluated' as const, findings: [] };

test('a case that says why there is no verdict does not pass for another reason', () => {
  expect(compareCase(wanted, noVerdict)).toEqual([]);
  expect(compareCase({ ...wanted, reason: 'invoices is empty' }, noVerdict)).toEqual([]);
  expect(compareCase({ ...wanted, reason: 'is null for them' }, noVerdict)).toEqual([
    'reason: expected "is null for them", found "The population invoices is empty."',
  ]);
});

test.each(['passed', 'exceptions'])('a case of %s has no reason', (outcome) => {
  const expected = { outcome, reason: 'is empty', findings: [] };
  const said = { name: 'n', entity: 'e', period: '2026-06', as_of: '2026-07-02', given: {} };
  const { error } = caseSchema.safeParse({ ...said, expect: expected });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['expect.reason']);
});
