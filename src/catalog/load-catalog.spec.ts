import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadCatalog } from './load-catalog';

const control = `id: BK-01
title: Every won deal becomes an activated order
process: bookings
objective: Every won deal becomes an activated order that billing can see.
risk: A won deal is never ordered.
assertions: [completeness, cut_off]
key_control: true
frequency: monthly
owner: deal-desk
reviewer: revenue-accounting
procedures:
  - name: orders-for-won-deals
    left: { population: won_deals, label: Won opportunities }
    right: { population: activated_orders, label: Activated orders }
    key: [opportunity_id]
    cardinality: one_to_many
    amount: { column: amount, currency: currency }
    findings:
      - { code: BK01-NO_ORDER, when: left_only, impact: left.amount }
      - { code: BK01-ORDER_NO_OPP, when: right_only, impact: right.amount }
      - { code: BK01-AMT_DIFF, when: amount_differs, impact: difference }
      - { code: BK01-LATE, when: right.activated_on > left.term_start, severity: low }
    explain:
      BK01-NO_ORDER: "{left.name} was won on {left.closed_on}; no order was activated."
runbook: Ask the deal desk.
`;

const wonDeals = `select opportunity_id, amount, currency, name, closed_on, term_start,
       'sf:opportunity:' || opportunity_id as source_ref
  from books.opportunities
 where closed_on >= :period_start and closed_on < :period_end
`;
const activatedOrders = `select opportunity_id, amount, currency, activated_on, 'x' as source_ref
  from books.orders where entity_id = :entity
`;

const aCase = (name: string, codes: string[]): string => `name: ${name}
entity: acme
period: 2026-06
as_of: 2026-07-05
given:
  books.opportunities:
    - { opportunity_id: "1", amount: "10.00", currency: EUR }
expect:
  outcome: ${codes.length > 0 ? 'exceptions' : 'passed'}
  findings: [${codes.map((code) => `{ code: ${code}, key: { opportunity_id: "1" } }`).join(', ')}]
`;

const sound: Record<string, string> = {
  'populations/activated_orders.sql': activatedOrders,
  'bookings/BK-01-won-deals-are-ordered/control.yaml': control,
  'bookings/BK-01-won-deals-are-ordered/won_deals.sql': wonDeals,
  'bookings/BK-01-won-deals-are-ordered/README.md': 'Why.',
  'bookings/BK-01-won-deals-are-ordered/cases/clean.yaml': aCase('all is well', []),
  'bookings/BK-01-won-deals-are-ordered/cases/broken.yaml': aCase('all is broken', [
    ...['BK01-NO_ORDER', 'BK01-ORDER_NO_OPP', 'BK01-AMT_DIFF', 'BK01-LATE'],
  ]),
};
const folder = 'bookings/BK-01-won-deals-are-ordered';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'catalog-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(files: Record<string, string | null>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(dir, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (text === null) rmSync(file, { recursive: true });
    else writeFileSync(file, text);
  }
}

/** `control.yaml:12 field`, and the message, of everything wrong; P is the only procedure. */
async function problems(): Promise<string[]> {
  const catalog = await loadCatalog(dir);
  return catalog.problems.map(({ file = '', line, field, message }) => {
    const place = path.relative(dir, file).replace(`${folder}/`, '');
    const short = field?.replace('procedures.orders-for-won-deals', 'P');
    return [`${place}${line ? `:${line}` : ''}`, short, message].filter(Boolean).join(' ');
  });
}

/** The sound folder, with changes to its control: [what stands there, what shall stand there]. */
function broken(...changes: [from: string, to: string][]): void {
  let text = control;
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  write({ ...sound, [`${folder}/control.yaml`]: text });
}

describe('a sound folder', () => {
  test('gives the control with its populations, files and cases', async () => {
    write(sound);
    const { controls, problems: found } = await loadCatalog(dir);
    expect(found).toEqual([]);
    expect(controls).toHaveLength(1);
    const [loaded] = controls;
    expect(loaded?.populations.won_deals).toMatchObject({
      source: 'books',
      relations: ['books.opportunities'],
      parameters: ['period_start', 'period_end'],
      sql: wonDeals,
    });
    expect(loaded?.files.map((file) => file.path)).toEqual([
      `${folder}/control.yaml`,
      `${folder}/won_deals.sql`,
      'populations/activated_orders.sql',
    ]);
    expect(loaded?.cases.map((file) => path.basename(file))).toEqual(['broken.yaml', 'clean.yaml']);
  });

  test('has a version that changes with what decides the verdict and nothing else', async () => {
    const version = async (): Promise<string> =>
      (await loadCatalog(dir)).controls[0]?.version ?? 'none';
    write(sound);
    const first = await version();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    write({ [`${folder}/README.md`]: 'Other words.', 'populations/activated_orders.sql': null });
    write({ 'populations/activated_orders.sql': activatedOrders });
    write({ [`${folder}/cases/clean.yaml`]: aCase('still well', []) });
    expect(await version()).toBe(first);
    write({ 'populations/activated_orders.sql': `${activatedOrders}-- and a comment\n` });
    expect(await version()).not.toBe(first);
    write({ ...sound, [`${folder}/control.yaml`]: control.replace('cut_off', 'accuracy') });
    expect(await version()).not.toBe(first);
  });

  test('is returned although another folder is broken', async () => {
    write({ ...sound, 'cash/CA-01-x/control.yaml': 'id: CA-01' });
    const { controls, problems: found } = await loadCatalog(dir);
    expect(controls.map((loaded) => loaded.control.id)).toEqual(['BK-01']);
    expect(found.length).toBeGreaterThan(5);
  });
});

describe('what is wrong is told with its place', () => {
  test('a missing folder of controls', async () => {
    const { problems: found } = await loadCatalog(path.join(dir, 'absent'));
    expect(found[0]?.message).toBe('The folder of controls does not exist.');
  });

  test('broken YAML', async () => {
    broken(['key_control: true', 'key_control: [true']);
    expect((await problems())[0]).toMatch(/^control\.yaml:\d+ /);
  });

  const single: [title: string, changes: [string, string][], expected: string[]][] = [
    [
      'fields that are missing, misspelt or of another kind, all at once',
      [
        ['title: Every won deal becomes an activated order\n', ''],
        ['reviewer:', 'reviwer:'],
        ['key_control: true', 'key_control: "true"'],
        ['frequency: monthly', 'frequency: montly'],
        ['completeness', 'completenes'],
        ['severity: low', 'severty: low'],
        ['[opportunity_id]', '[]'],
      ],
      [
        'control.yaml:1 title is missing.',
        'control.yaml:1 reviewer is missing.',
        'control.yaml:5 assertions.0 must be one of completeness, accuracy, ' +
          'existence, cut_off, valuation, rights, presentation. Did you mean ' +
          "'completeness'?",
        'control.yaml:6 key_control must be true or false.',
        'control.yaml:7 frequency must be one of daily, weekly, monthly, quarterly, on_event. ' +
          "Did you mean 'monthly'?",
        "control.yaml:9 reviwer is not a field here. Did you mean 'reviewer'?",
        'control.yaml:14 P.key is empty.',
        'control.yaml:21 P.findings.BK01-LATE.severty is not a field here. Did you ' +
          "mean 'severity'?",
      ],
    ],
    [
      'a tie-out without its right side is judged as a tie-out',
      [['    right: { population: activated_orders, label: Activated orders }\n', '']],
      ['control.yaml:12 P.right is missing.'],
    ],
    [
      'a procedure of both kinds',
      [['    key: [', '    item: { population: won_deals, label: Deals }\n    key: [']],
      ['control.yaml:12 P is neither a tie-out (left and right) nor an assertion (item) alone.'],
    ],
    [
      'an id that is not that of the folder, and codes of another control',
      [['id: BK-01', 'id: BK-02']],
      [
        'control.yaml:1 id is BK-02, and the folder is BK-01-won-deals-are-ordered.',
        ...[19, 20, 21, 22].map((line, i) => {
          const code = ['NO_ORDER', 'ORDER_NO_OPP', 'AMT_DIFF', 'LATE'][i];
          return `control.yaml:${line} P.findings.BK01-${code}.code does not begin with BK02-.`;
        }),
      ],
    ],
    [
      'a process that is not the folder',
      [['process: bookings', 'process: cash']],
      ['control.yaml:3 process is cash, and the folder lies in bookings.'],
    ],
    [
      'a tie-out that says nothing about one side',
      [['when: right_only, impact: right.amount', 'when: right.a is null']],
      ['control.yaml:18 P.findings has none for right_only, so such items would have no finding.'],
    ],
    [
      'findings that contradict their procedure',
      [
        ['when: left_only, impact: left.amount', 'when: left_only, impact: right.amount'],
        ['when: right.activated_on > left.term_start', 'when: duplicate_right'],
      ],
      [
        'control.yaml:19 P.findings.BK01-NO_ORDER.impact is right.amount, which does ' +
          'not exist when left_only.',
        'control.yaml:22 P.findings.BK01-LATE.when is duplicate_right, but ' +
          'one_to_many allows a key many times on that side.',
      ],
    ],
    [
      'a keyword misspelt, and a condition that is not SQL',
      [
        ['when: amount_differs', 'when: amount_difers'],
        ['right.activated_on > left.term_start', 'right.activated_on > > left.term_start'],
      ],
      [
        'control.yaml:18 P.findings has none for amount_differs, so such items would ' +
          'have no finding.',
        "control.yaml:21 P.findings.BK01-AMT_DIFF.when 'amount_difers' is not a " +
          "keyword. Did you mean 'amount_differs'?",
        'control.yaml:22 P.findings.BK01-LATE.when This is not valid SQL: syntax ' +
          'error at or near ">".',
      ],
    ],
    [
      'explanations of what is not there',
      [
        ['      BK01-NO_ORDER: "{left.name}', '      BK01-NO_ORDR: "{left.name}'],
        ['{left.closed_on}; no', '{item.closed_on} {oops} }; no'],
      ],
      [
        "control.yaml:24 P.explain.BK01-NO_ORDR explains 'BK01-NO_ORDR', which is not" +
          " a finding here. Did you mean 'BK01-NO_ORDER'?",
        "control.yaml:24 P.explain.BK01-NO_ORDR holds '{oops}', which is not replaced by anything.",
        "control.yaml:24 P.explain.BK01-NO_ORDR holds '}', which is not replaced by anything.",
        'control.yaml:24 P.explain.BK01-NO_ORDR holds {item.closed_on}, and there is no item here.',
      ],
    ],
    [
      'parameters unknown, unused and of a YAML fraction',
      [['runbook:', 'parameters: { floor: 10, rate: "0.5" }\nrunbook:']],
      [
        'control.yaml:25 parameters.floor is used nowhere.',
        'control.yaml:25 parameters.rate is used nowhere.',
      ],
    ],
    [
      'a fraction that YAML would read as a binary float',
      [['runbook:', 'parameters: { rate: 0.5 }\nrunbook:']],
      ['control.yaml:25 parameters.rate must be text or a whole number or true or false.'],
    ],
    [
      'a population that does not exist',
      [['left: { population: won_deals', 'left: { population: won_deal']],
      [
        "control.yaml:13 P.left.population There is no population 'won_deal'. Did you" +
          " mean 'won_deals'?",
        'won_deals.sql No control uses this population.',
      ],
    ],
    [
      'an assertion with a keyword, and an amount it does not declare',
      [
        [
          'left: { population: won_deals, label: Won opportunities }',
          'item: { population: won_deals, label: Deals }',
        ],
        ['    right: { population: activated_orders, label: Activated orders }\n', ''],
        ['    cardinality: one_to_many\n    amount: { column: amount, currency: currency }\n', ''],
        ['      - { code: BK01-ORDER_NO_OPP, when: right_only, impact: right.amount }\n', ''],
        ['      - { code: BK01-AMT_DIFF, when: amount_differs, impact: difference }\n', ''],
        [
          'when: right.activated_on > left.term_start',
          'when: item.amount < 0, impact: item.amount * 2',
        ],
        ['{left.name} was won on {left.closed_on}', '{item.name} was won on {item.closed_on}'],
      ],
      [
        'cases/broken.yaml:10 expect.findings.BK01-ORDER_NO_OPP.code ' +
          "'BK01-ORDER_NO_OPP' is not a finding of BK-01.",
        "cases/broken.yaml:10 expect.findings.BK01-AMT_DIFF.code 'BK01-AMT_DIFF' is " +
          'not a finding of BK-01.',
        'control.yaml:16 P.findings.BK01-NO_ORDER.when is left_only, which needs two populations.',
        'control.yaml:16 P.findings.BK01-NO_ORDER.impact is left.amount, but the ' +
          'procedure has no amount.',
        'control.yaml:17 P.findings.BK01-LATE.impact is item.amount * 2, but the ' +
          'procedure has no amount.',
        'populations/activated_orders.sql No control uses this population.',
      ],
    ],
  ];
  test.each(single)('%s', async (_title, changes, expected) => {
    broken(...changes);
    expect((await problems()).sort()).toEqual([...expected].sort());
  });

  test('SQL that is refused, in its file, and the control is not offered', async () => {
    write({
      ...sound,
      'populations/activated_orders.sql':
        'select *\nfrom books.orders\nwhere d < now() and e = :entit',
      [`${folder}/spare.sql`]: 'select a from books.x',
    });
    expect(await problems()).toEqual([
      'spare.sql No control uses this population.',
      'populations/activated_orders.sql:1 select * returns whatever columns the table' +
        ' has on the day.',
      "populations/activated_orders.sql:3 :entit is not a parameter. Did you mean 'entity'?",
      'populations/activated_orders.sql:3 The function now() is not allowed in control SQL.',
    ]);
    expect((await loadCatalog(dir)).controls).toEqual([]);
  });

  test('an id used by two folders, of which neither is offered', async () => {
    write(sound);
    const other = 'bookings/BK-01-another';
    for (const [name, text] of Object.entries(sound))
      if (name.startsWith(folder)) write({ [name.replace(folder, other)]: text });
    expect((await loadCatalog(dir)).controls).toEqual([]);
    expect((await problems()).join('\n')).toMatch(/BK-01 is also the id of/);
  });

  test('no cases, no merge', async () => {
    write({ ...sound, [`${folder}/cases`]: null });
    expect(await problems()).toEqual([
      'cases No case is clean.',
      'cases BK01-NO_ORDER No case expects BK01-NO_ORDER.',
      'cases BK01-ORDER_NO_OPP No case expects BK01-ORDER_NO_OPP.',
      'cases BK01-AMT_DIFF No case expects BK01-AMT_DIFF.',
      'cases BK01-LATE No case expects BK01-LATE.',
    ]);
  });

  test('cases that do not fit their control', async () => {
    const text = `name: all is well
entity: acme
period: 2026-06-01
as_of: 2026-07-05
parameters: { rate: "0.5" }
given:
  books.oportunities:
    - { opportunity_id: "1", amount: 10.5 }
expect:
  outcome: passed
  findings: []
`;
    write({ ...sound, [`${folder}/cases/clean.yaml`]: text });
    expect(await problems()).toEqual([
      'cases/clean.yaml:8 given.books.oportunities.0.amount must be text or true or false or null.',
    ]);
    write({
      [`${folder}/cases/clean.yaml`]: text
        .replace('10.5', '"10.5"')
        .replace('[]', '[{ code: BK01-LATE, key: { order_id: "1" }, impact: "1.0" }]'),
    });
    expect(await problems()).toEqual([
      "cases/clean.yaml:3 period '2026-06-01' is not a monthly period; write it as YYYY-MM.",
      'cases/clean.yaml:5 parameters.rate is not a parameter of BK-01.',
      'cases/clean.yaml:7 given.books.oportunities No population of the control reads' +
        " it. Did you mean 'books.opportunities'?",
      'cases/clean.yaml:10 expect.outcome is passed, with 1 findings.',
      'cases/clean.yaml:11 expect.findings.BK01-LATE.key names order_id; the key is ' +
        'opportunity_id.',
    ]);
  });

  test('files and folders that nobody would read', async () => {
    write({
      ...sound,
      [`${folder}/control.yml`]: '',
      [`${folder}/case/clean.yaml`]: '',
      [`${folder}/cases/clean.yml`]: '',
      'cash/CA-01-empty/README.md': '',
    });
    expect(await problems()).toEqual([
      'case This is not part of a control.',
      'cases/clean.yml This is not part of a control.',
      'control.yml This is not part of a control.',
      'cash/CA-01-empty The folder has no control.yaml.',
    ]);
  });
});
