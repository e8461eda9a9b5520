import { controlSchema, isTieOut, type TieOut } from '../core/control';
import { passProblems } from './check-passes';

function tieOut(passes: object[], overrides: object = {}): TieOut {
  const control = controlSchema.parse({
    ...{ id: 'TT-01', title: 't', process: 'test', objective: 'o', risk: 'r', runbook: 'r' },
    ...{ assertions: ['completeness'], key_control: false, frequency: 'monthly' },
    ...{ owner: 'o', reviewer: 'r' },
    procedures: [
      {
        name: 'tie',
        left: { population: 'l', label: 'L' },
        right: { population: 'r', label: 'R' },
        ...{ key: ['id'], cardinality: 'one_to_one', match: { passes } },
        amount: { column: 'amount', currency: 'currency' },
        findings: [{ code: 'TT01-LEFT', when: 'left_only' }],
        ...overrides,
      },
    ],
  });
  const [procedure] = control.procedures;
  if (!procedure || !isTieOut(procedure)) throw new Error('no tie-out');
  return procedure;
}

const pass = (over: object = {}): object => ({ name: 'p', on: ['ref'], ...over });
const messages = (procedure: TieOut): string[] =>
  (procedure.match?.passes ?? []).flatMap((_, i) =>
    passProblems(procedure, i).map(({ field, message }) => `${field} ${message}`),
  );

test('passes of one to one, and of many where many may stand, are right', () => {
  expect(messages(tieOut([pass(), pass({ name: 'q' })]))).toEqual([]);
  const many = tieOut([pass({ many: 'left', whole: true })], { cardinality: 'many_to_one' });
  expect(messages(many)).toEqual([]);
});

test.each<[string, TieOut, string]>([
  ['a name twice', tieOut([pass(), pass()]), "name 'p' is used twice."],
  [
    'many on the left, where one may stand',
    tieOut([pass({ many: 'left' })], { cardinality: 'one_to_many' }),
    'many is left, and one_to_many allows one there.',
  ],
  [
    'many on the right, where one may stand',
    tieOut([pass({ many: 'right' })]),
    'many is right, and one_to_one allows one there.',
  ],
  ['a whole of one', tieOut([pass({ whole: true })]), 'whole needs many, and an amount to add up.'],
  [
    'a whole of nothing',
    tieOut([pass({ whole: true, many: 'left' })], {
      cardinality: 'many_to_one',
      amount: undefined,
    }),
    'whole needs many, and an amount to add up.',
  ],
])('%s is told', (_title, procedure, message) => {
  expect(messages(procedure)).toEqual([message]);
});
