import { InvalidInput, Refusal } from '../core/problem';
import { describeFailure, renderFailure } from './describe-failure';

const told = (cause: unknown): string[] => renderFailure(describeFailure(cause));

test('every problem of an invalid input is a located line with its remedy', () => {
  const cause = new InvalidInput('configuration', [
    { file: 'tieout.yaml', line: 3, field: 'entities', message: 'is empty.', remedy: 'Add one.' },
    { message: 'Something else.', remedy: 'Mend it.' },
  ]);
  expect(told(cause)).toEqual([
    'configuration: 2 problems',
    '  tieout.yaml:3 entities: is empty. Add one.',
    '  Something else. Mend it.',
  ]);
});

test('a refusal is its own sentence', () => {
  expect(told(new Refusal('not_found', 'There is no entity x.'))).toEqual([
    'There is no entity x.',
  ]);
});

test('a fault is one sentence with its causes, without stack and without secrets', () => {
  const cause = new Error('reading postgresql://ann:secret@db/x\n    at somewhere', {
    cause: new Error('connect ECONNREFUSED'),
  });
  const lines = told(cause);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^tieout failed: reading .*: connect ECONNREFUSED\.$/);
  expect(lines.join('\n')).not.toMatch(/secret|somewhere/);
  expect(lines[1]).toBe('Run it with TIEOUT_LOG_LEVEL=debug for more.');
});
