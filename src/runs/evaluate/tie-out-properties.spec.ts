import fc from 'fast-check';
import { naiveTieOut, type NaiveItem, type NaiveResult } from '../../../test/support/naive-tie-out';
import {
  amounts,
  EngineBench,
  inNaiveForm,
  scenarios,
  type Judged,
  type Scenario,
} from '../../../test/support/tie-out-scenarios';
import { footingGap } from '../../core/statement';

// SEED=… repeats a run that failed; RUNS=20 tries twenty times as many populations.
const { SEED, RUNS = '1' } = process.env;
const runs = (numRuns: number): fc.Parameters<unknown> => ({
  numRuns: numRuns * Number(RUNS),
  ...(SEED !== undefined && { seed: Number(SEED) }),
});
const patienceMs = 60_000 * Number(RUNS);
jest.setTimeout(patienceMs);

let bench: EngineBench;
beforeAll(async () => {
  bench = await EngineBench.open();
});
afterAll(() => bench.close());

const judge = (scenario: Scenario, salt?: string): Promise<Judged> => bench.judge(scenario, salt);

const item = (currency: NaiveItem['currency'], over: Partial<NaiveItem> = {}): NaiveItem => {
  return { key: 'a', currency, amount: 1_000_000n, label: null, waits: false, ...over };
};
const plain: Scenario = {
  rules: { onceLeft: true, onceRight: true, tolerance: null, percent: null, timing: null },
  cardinality: 'one_to_one',
  left: [],
  right: [],
};

test('a key that repeats is found also where it meets nothing on the other side', async () => {
  const { findings, statement } = await judge({ ...plain, left: [item('USD'), item('USD')] });
  expect(findings.map(({ code }) => code)).toEqual(['TT01-DUPLICATE_KEY_LEFT', 'TT01-LEFT']);
  expect(statement.currencies[0]?.lines).toMatchObject([{ keys: '1', left: { items: '2' } }]);
});

test('an item set aside by its label does not end the grace of the rest of its key', async () => {
  const left = [item('USD', { waits: true }), item('USD', { label: 'In transit' })];
  const rules = { ...plain.rules, timing: 'left' as const };
  const { findings } = await judge({ ...plain, rules, left });
  expect(findings).toEqual([]);
});

test('a key in three currencies is told the same whatever the salt', async () => {
  const three = { ...plain, left: [item('USD')], right: [item('EUR'), item('JPY')] };
  const { findings } = await judge(three);
  expect(findings).toMatchObject([
    { code: 'TT01-CURRENCY_DIFFERS', currency: 'USD', rightItems: [{ currency: 'EUR' }] },
  ]);
  for (let salt = 0; salt < 8; salt += 1)
    expect((await judge(three, `salt ${salt}`)).findings).toEqual(findings);
});

test.each(['h', 'n', 'lk', 'rk', 'class', 'l', 'left', 'keys', 'hashes', 'f0'])(
  'a key column may be called %s, as no column of the plan is',
  async (column) => {
    const left = [item('USD'), item('USD', { key: 'b', label: 'In transit' })];
    const right = [item('EUR'), item('USD', { key: 'c' })];
    const { findings } = await bench.judge({ ...plain, left, right }, 'salt', column);
    expect(findings.map(({ code, key }) => [code, key])).toEqual([
      ['TT01-CURRENCY_DIFFERS', { [column]: 'a' }],
      ['TT01-RIGHT', { [column]: 'c' }],
    ]);
    expect(findings[0]?.leftItems[0]?.[column]).toBe('a');
  },
);

/** Items of a key have no order of their own, nor have keys. */
const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

test('engine and plain loops over whole numbers say the same of any two populations', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const judged = await judge(scenario);
      const expected = naiveTieOut(scenario.rules, scenario.left, scenario.right);
      expect(inNaiveForm(judged)).toEqual(expected);
      expect(footingGap(judged.statement)).toBeNull();
    }),
    runs(90),
  );
});

test('neither the order of rows nor the salt changes a single fact', async () => {
  const pairs = scenarios.chain((one) =>
    fc.record({ one: fc.constant(one), left: shuffled(one.left), right: shuffled(one.right) }),
  );
  await fc.assert(
    fc.asyncProperty(pairs, async ({ one, left, right }) => {
      const withoutRefs = ({ statement, findings }: Judged): unknown => [
        statement,
        findings.map((finding) => ({
          ...finding,
          leftItems: finding.leftItems.length,
          rightItems: finding.rightItems.length,
        })),
      ];
      const other = await judge({ ...one, left, right }, 'another salt');
      expect(withoutRefs(other)).toEqual(withoutRefs(await judge(one)));
    }),
    runs(15),
  );
});

test('a line of a many side may be split in two without a change of any amount', async () => {
  const many = scenarios.filter(({ left, rules }) => left.length > 0 && !rules.onceLeft);
  const pairs = fc.record({ one: many, at: fc.nat(), part: amounts });
  await fc.assert(
    fc.asyncProperty(pairs, async ({ one, at, part }) => {
      // Tolerance per line grows with the lines: that is its meaning.
      const rules = { ...one.rules, tolerance: null };
      const index = at % one.left.length;
      const left = one.left.flatMap((item, i) =>
        i === index
          ? [
              { ...item, amount: part },
              { ...item, amount: item.amount - part },
            ]
          : item,
      );
      const before = await judge({ ...one, rules });
      const after = await judge({ ...one, rules, left });
      expect(inNaiveForm(after).findings).toEqual(inNaiveForm(before).findings);
    }),
    runs(12),
  );
});

test('keys may be renamed, as long as different ones stay different', async () => {
  await fc.assert(
    fc.asyncProperty(
      scenarios,
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      async (one, mark) => {
        fc.pre(!mark.includes('\0'));
        const renamed = (key: string): string => `${mark}${[...key].reverse().join('')}|${mark}`;
        const rename = (items: NaiveItem[]): NaiveItem[] =>
          items.map((item) => ({ ...item, key: renamed(item.key) }));
        const before = await judge(one);
        const after = await judge({ ...one, left: rename(one.left), right: rename(one.right) });
        expect(after.statement).toEqual(before.statement);
        const named = before.findings.map((finding) => ({
          ...finding,
          key: { id: renamed(finding.key.id ?? '') },
        }));
        const { findings } = inNaiveForm({ ...before, findings: named });
        expect(inNaiveForm(after).findings).toEqual(findings);
      },
    ),
    runs(12),
  );
});

const mirroredSide = { left: 'right', right: 'left', both: 'both' } as const;
const mirroredWord = (text: string): string =>
  text.replace(
    /LEFT|RIGHT|left|right/g,
    (word) => ({ LEFT: 'RIGHT', RIGHT: 'LEFT', left: 'right', right: 'left' })[word as 'left'],
  );

test('with its sides swapped, a tie-out gives its mirror image', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (one) => {
      // A percentage is of the left amount, and of two repeats the left one names the line.
      const rules = { ...one.rules, percent: null, onceLeft: false, onceRight: false };
      const cardinality = 'many_to_many' as const;
      const { timing } = rules;
      const mirrored: Scenario = {
        rules: { ...rules, timing: timing && mirroredSide[timing] },
        cardinality,
        left: one.right,
        right: one.left,
      };
      const [here, there] = [await judge({ ...one, rules, cardinality }), await judge(mirrored)];
      const before = inNaiveForm(here);
      const after = inNaiveForm(there);
      const swapped = [...before.lines].map(([name, { keys: count, left, right }]) => [
        mirroredWord(name),
        { keys: count, left: right, right: left },
      ]);
      expect(Object.fromEntries(after.lines)).toEqual(Object.fromEntries(swapped));
      const mirror = before.findings
        .map((text) => JSON.parse(text) as string[])
        .filter(([code]) => code !== 'CURRENCY_DIFFERS')
        .map(([code = '', key, currency, left, right, difference = '', impact]) =>
          JSON.stringify([
            mirroredWord(code),
            key,
            currency,
            right,
            left,
            String(-BigInt(difference)),
            impact,
          ]),
        );
      const found = after.findings.filter((text) => !text.startsWith('["CURRENCY_DIFFERS"'));
      expect(found).toEqual(mirror.sort());
    }),
    runs(12),
  );
});

test('equal pairs under new keys change nothing but what is matched', async () => {
  const pairs = fc.array(amounts, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(scenarios, pairs, async (one, equal) => {
      const more = equal.map((amount, i): NaiveItem => {
        return { key: `new key ${i}`, currency: 'USD', amount, label: null, waits: false };
      });
      const before = inNaiveForm(await judge(one));
      const after = inNaiveForm(
        await judge({ ...one, left: [...one.left, ...more], right: [...more, ...one.right] }),
      );
      expect(after.findings).toEqual(before.findings);
      const others = ({ lines }: NaiveResult): unknown =>
        [...lines].filter(([name]) => name !== 'USD matched - both').sort();
      expect(others(after)).toEqual(others(before));
    }),
    runs(10),
  );
});

test('a row that comes twice on a side where keys stand once is always found', async () => {
  const once = scenarios.filter(({ left, rules }) => left.length > 0 && rules.onceLeft);
  await fc.assert(
    fc.asyncProperty(once, fc.nat(), async (one, at) => {
      const twice = { ...one.left[at % one.left.length], label: null } as NaiveItem;
      const { findings } = await judge({ ...one, left: [...one.left, twice, twice] });
      const found = findings.filter(
        ({ code, key, currency }) =>
          code === 'TT01-DUPLICATE_KEY_LEFT' && key.id === twice.key && currency === twice.currency,
      );
      expect(found).toHaveLength(1);
    }),
    runs(20),
  );
});

test('parts of a population judged apart add up to the whole', async () => {
  const bare = scenarios.map((one) => ({
    ...one,
    // Without the other currencies a key is on one side alone for another reason.
    left: one.left.filter(({ currency }) => currency === 'USD'),
    right: one.right.filter(({ currency }) => currency === 'USD'),
  }));
  await fc.assert(
    fc.asyncProperty(bare, async (one) => {
      const part = (inFirst: boolean): Scenario => {
        const belongs = ({ key }: NaiveItem): boolean => (key.length % 2 === 0) === inFirst;
        return { ...one, left: one.left.filter(belongs), right: one.right.filter(belongs) };
      };
      const parts = [inNaiveForm(await judge(part(true))), inNaiveForm(await judge(part(false)))];
      const whole = inNaiveForm(await judge(one));
      expect(parts.flatMap(({ findings }) => findings).sort()).toEqual(whole.findings);
    }),
    runs(15),
  );
});
