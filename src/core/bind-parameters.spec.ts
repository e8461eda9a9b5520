import fc from 'fast-check';
import { loadModule, parse } from 'libpg-query';
import {
  bindParameters,
  parametersOf,
  parameterUses,
  rewriteReferences,
  tokenizeSql,
} from './bind-parameters';
import { InvalidInput } from './problem';

/** Text as a person or an attacker may give it, dense in the characters that matter to SQL. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...`'"\\;:$-/*eEuU& aé𝄞%_()`) }),
  )
  .map((text) => text.replace(/[\0\n\r]|\p{Surrogate}/gu, ''));

beforeAll(() => loadModule());

describe('finding parameters', () => {
  const cases: [sql: string, names: string[]][] = [
    ['select :as_of, :entity, :as_of', ['as_of', 'entity']],
    [`select ':a', ":b", $$:c$$, $x$ :d $x$ -- :e`, []],
    ['select /* :a /* :b */ :c */ :d', ['d']],
    [`select E'it\\':a', 'it'':b', :c`, ['c']],
    [`select U&'\\0041:a', x':b', :c`, ['c']],
    ['select a::date, :b::date, a[1:2]', ['b']],
    ['select a$:b$, :c', ['b', 'c']],
    ['-- :a\r:b', ['b']],
  ];
  test.each(cases)('%s', (sql, names) => {
    expect(parametersOf(sql)).toEqual(names);
  });

  test('splitting loses nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string()), (sql) => {
        const tokens = tokenizeSql(sql);
        expect(tokens.map((token) => token.text).join('')).toBe(sql);
      }),
    );
  });

  test('each use has its line', () => {
    expect(parameterUses('select\n:a,\n\n:b').map((use) => use.line)).toEqual([2, 4]);
  });
});

describe('binding parameters', () => {
  test('writes a literal of each type', () => {
    const sql = 'select :d, :t, :n, - :m, :i, :b';
    const bound = bindParameters(sql, {
      d: { type: 'date', value: '2026-06-30' },
      t: { type: 'text', value: "O'Brien \\ Co" },
      n: { type: 'decimal', value: '12.50' },
      m: { type: 'decimal', value: '-0.10' },
      i: { type: 'integer', value: '7' },
      b: { type: 'boolean', value: 'true' },
    });
    expect(bound).toBe(`select date '2026-06-30', 'O''Brien \\ Co', 12.50, - (-0.10), 7, true`);
  });

  test('refuses all values that are not of their type at once', () => {
    const bind = (): string =>
      bindParameters('select :a,\n:b, :c, :d, :e, :toString', {
        a: { type: 'date', value: '2026-02-30' },
        b: { type: 'text', value: 'a\0b' },
        c: { type: 'decimal', value: '1e3' },
        d: { type: 'integer', value: '1;2' },
        e: { type: 'boolean', value: 'yes' },
      });
    let problems: readonly { line?: number; field?: string }[] = [];
    try {
      bind();
    } catch (error) {
      if (error instanceof InvalidInput) problems = error.problems;
    }
    expect(problems.map(({ line, field }) => `${line} ${field}`)).toEqual([
      '1 a',
      '2 b',
      '2 c',
      '2 d',
      '2 e',
      '2 toString',
    ]);
  });

  test.each(['e:a', "'x':a", '1:a', ":a'x'", '$:a', ':a$x$'])(
    'refuses %s, where the literal would join what stands beside it',
    (sql) => {
      const bind = (): string => bindParameters(sql, { a: { type: 'text', value: 'v' } });
      expect(bind).toThrow(InvalidInput);
    },
  );

  test('any text comes back from the parser as itself, in one statement', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (value) => {
        const sql = bindParameters('select :v as a, 2 as b', { v: { type: 'text', value } });
        const { stmts } = await parse(sql);
        expect(stmts).toHaveLength(1);
        const found = JSON.stringify(stmts).match(/"sval":("(?:[^"\\]|\\.)*")/)?.[1] ?? '""';
        expect(JSON.parse(found)).toBe(value);
        expect(JSON.stringify(stmts)).toContain('"name":"b"');
      }),
      { numRuns: 500 },
    );
  });

  test('adds no line, so positions still name lines of the file', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const bound = bindParameters('select\n:v\n', { v: { type: 'text', value } });
        expect(bound.split('\n')).toHaveLength(3);
      }),
    );
  });
});

describe('references of an expression', () => {
  const quoted = (text: string): string =>
    rewriteReferences(text, (side, column) => `"${side}"."${column}"`);

  test('are rewritten where they are references', () => {
    expect(quoted(`left.a <> Right.B and item.c = 'left.a'`)).toBe(
      `"left"."a" <> "right"."b" and "item"."c" = 'left.a'`,
    );
  });

  test('are left alone in functions, longer names and comments', () => {
    const text = 'left(x, 2) = copyright.a and a.left.b > 1 -- left.a';
    expect(quoted(text)).toBe(text);
  });
});
