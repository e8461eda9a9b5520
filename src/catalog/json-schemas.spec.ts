import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { jsonSchemas } from './json-schemas';

const root = path.resolve(__dirname, '..', '..');

test.each(jsonSchemas())(
  '$path is what the schema in the code says; `npm run schemas` writes it again',
  ({ path: file, text }) => {
    expect(readFileSync(path.join(root, file), 'utf8')).toBe(text);
  },
);

test('a field that has a default may be left out, and an unknown one may not be there', () => {
  const [control] = jsonSchemas().map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  expect(control?.required).toContain('procedures');
  expect(control?.required).not.toContain('parameters');
  expect(control?.additionalProperties).toBe(false);
});
