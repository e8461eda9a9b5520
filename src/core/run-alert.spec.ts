import {
  ALERT_LIMITS,
  alertStateSha256,
  renderAlert,
  renderTransition,
  type RenderedAlert,
  type RunAlert,
} from './run-alert';

const noOrder = {
  code: 'BK01-NO_ORDER',
  explanation: 'Acme GmbH was won on 2026-10-01 for 12000.00 EUR; no order was activated.',
  impact: '12000',
  currency: 'EUR',
  severity: 'high',
} as const;
const amountDiffers = {
  code: 'BK01-AMT_DIFF',
  explanation: 'Order 8 is 250 JPY above its deal.',
  impact: '250',
  currency: 'JPY',
  severity: 'low',
} as const;

function anAlert(over: Partial<RunAlert> = {}): RunAlert {
  return {
    control: { id: 'BK-01', title: 'Every won deal becomes an order', owner: 'deal-desk' },
    entity: { id: 'acme-ie', name: 'Acme Ireland' },
    period: '2026-10',
    runId: '019aa9d4-0000-7000-8000-000000000001',
    seq: 1,
    outcome: 'exceptions',
    asOf: '2026-11-02',
    reason: null,
    totals: [
      { currency: 'EUR', exceptions: 1, impact: '12000' },
      { currency: 'JPY', exceptions: 6, impact: '1250' },
    ],
    open: 7,
    fresh: 2,
    reopened: 1,
    cleared: 3,
    top: [noOrder, amountDiffers],
    link: 'https://tieout.example/controls/BK-01/acme-ie/2026-10?a=1&b=2',
    ...over,
  };
}

const cleanState = { open: 0, fresh: 0, reopened: 0, cleared: 0, totals: [], top: [] };

const lines = (rendered: RenderedAlert): string[] =>
  rendered.blocks.flatMap((block) =>
    block.type === 'section' ? block.text.text.split('\n') : block.elements.map((e) => e.text),
  );

test('the cause comes first, then where, outcome, totals per currency, items and owner', () => {
  expect(lines(renderAlert(anAlert()))).toEqual([
    ':red_circle: *Acme GmbH was won on 2026-10-01 for 12000.00 EUR; no order was activated.*',
    'BK-01 Every won deal becomes an order · Acme Ireland · 2026-10',
    'Exceptions: 7 exceptions open (2 new, 1 re-opened, 3 cleared)',
    '• 12,000.00 EUR in 1 exception',
    '• 1,250 JPY in 6 exceptions',
    '1. BK01-NO_ORDER · high · 12,000.00 EUR: ' +
      'Acme GmbH was won on 2026-10-01 for 12000.00 EUR; no order was activated.',
    '2. BK01-AMT_DIFF · low · 250 JPY: Order 8 is 250 JPY above its deal.',
    '+5 more',
    'Owner: deal-desk · ' +
      '<https://tieout.example/controls/BK-01/acme-ie/2026-10?a=1&amp;b=2|Open in Tieout>',
  ]);
});

test('the text for notifications says the same, starting with the cause', () => {
  const alert = anAlert({ open: 1, fresh: 0, reopened: 0, cleared: 0, top: [noOrder], totals: [] });
  expect(renderAlert(alert).text).toBe(
    [
      noOrder.explanation,
      'BK-01 Every won deal becomes an order · Acme Ireland · 2026-10',
      'Exceptions: 1 exception open',
      '1. BK01-NO_ORDER · high · 12,000.00 EUR',
      'Owner: deal-desk',
    ].join('\n'),
  );
});

test.each([
  [
    'not evaluated, with the reason',
    { ...cleanState, outcome: 'not_evaluated', reason: 'payments.csv ends at line 8.' } as const,
    [
      ':warning: *Not evaluated: payments.csv ends at line 8.*',
      'BK-01 Every won deal becomes an order · Acme Ireland · 2026-10',
      'No verdict on this period.',
      'Owner: deal-desk',
    ],
  ],
  [
    'errored, with what stays open from before',
    { ...cleanState, outcome: 'errored', reason: 'The statement does not foot.', open: 2 } as const,
    [
      ':warning: *Run failed: The statement does not foot.*',
      'BK-01 Every won deal becomes an order · Acme Ireland · 2026-10',
      'No verdict on this period; 2 exceptions open from earlier runs.',
      'Owner: deal-desk',
    ],
  ],
  [
    'all clear after exceptions',
    { ...cleanState, outcome: 'passed', cleared: 1_200 } as const,
    [
      ':white_check_mark: *All clear: Every won deal becomes an order.*',
      'BK-01 Every won deal becomes an order · Acme Ireland · 2026-10',
      'Passed: no open exceptions (1,200 cleared)',
      'Owner: deal-desk',
    ],
  ],
])('a run is told as %s', (_name, over, expected) => {
  expect(lines(renderAlert(anAlert({ ...over, link: null })))).toEqual(expected);
});

test('a name cannot make a mention, a link, a second line or turn the text around', () => {
  const name = '<!channel> <https://evil.example|Acme> &amp;\n\u202eGmbH*';
  const alert = anAlert({
    entity: { id: 'x', name },
    control: { id: 'BK-01', title: name, owner: name },
    top: [{ ...noOrder, explanation: name }],
    link: 'https://tieout.example/<!channel>|x',
  });
  const rendered = renderAlert(alert);
  const safe = '&lt;!channel&gt; &lt;https://evil.example|Acme&gt; &amp;amp; GmbH*';
  expect(lines(rendered)[0]).toBe(`:red_circle: ${safe}`);
  expect(lines(rendered).at(-1)).toBe(
    `Owner: ${safe} · <https://tieout.example/%3C!channel%3E%7Cx|Open in Tieout>`,
  );
  expect(rendered.text).not.toMatch(/[<>]/);
  const texts = rendered.blocks.flatMap((b) => (b.type === 'section' ? [b.text] : b.elements));
  expect(texts.every((text) => text.verbatim)).toBe(true);
});

test('whatever the data holds, a message stays under what Slack takes', () => {
  for (const filling of ['x', '&', '<', '😀', '"\\', '\n', '*']) {
    const long = filling.repeat(100_000);
    const item = { ...noOrder, code: long, explanation: long, impact: '9'.repeat(30) };
    const { text, blocks } = renderAlert(
      anAlert({
        control: { id: long, title: long, owner: long },
        entity: { id: long, name: long },
        period: long,
        totals: Array.from({ length: 180 }, () => ({
          currency: 'EUR',
          exceptions: 10 ** 9,
          impact: '9'.repeat(30),
        })),
        top: Array.from({ length: 5 }, () => item),
        open: 10 ** 9,
        link: `https://tieout.example/${long}`,
      }),
    );
    const parts = blocks.flatMap((b) => (b.type === 'section' ? [b.text] : b.elements));
    const all = parts.reduce((sum, part) => sum + part.text.length, text.length);
    expect(blocks.length).toBeLessThanOrEqual(ALERT_LIMITS.blocks);
    expect(Math.max(...parts.map((part) => part.text.length))).toBeLessThanOrEqual(
      ALERT_LIMITS.section,
    );
    expect(all).toBeLessThanOrEqual(ALERT_LIMITS.characters);
  }
});

test('a text that is cut ends with whole characters and whole entities', () => {
  const [first = ''] = lines(
    renderAlert(anAlert({ top: [{ ...noOrder, explanation: '&'.repeat(2_000) }] })),
  );
  expect(first).toBe(`:red_circle: *${'&amp;'.repeat(199)}…*`);
});

test('currencies that do not fit are counted, not added up', () => {
  const totals = Array.from({ length: 14 }, () => ({
    currency: 'USD',
    exceptions: 1,
    impact: '1',
  }));
  expect(lines(renderAlert(anAlert({ totals })))).toContain('+2 more currencies');
});

test('the same state is recognised whichever run shows it, under whichever link', () => {
  const first = anAlert();
  const again = anAlert({
    runId: 'another',
    seq: 2,
    asOf: '2026-11-03',
    fresh: 0,
    reopened: 0,
    cleared: 0,
    link: null,
  });
  expect(alertStateSha256(again)).toBe(alertStateSha256(first));
  expect(alertStateSha256(anAlert({ open: 6 }))).not.toBe(alertStateSha256(first));
});

test.each([
  [
    'new and re-opened exceptions',
    anAlert(),
    'exceptions',
    ':red_circle: 2 new, 1 re-opened; 7 exceptions open now. Largest: ' +
      'Acme GmbH was won on 2026-10-01 for 12000.00 EUR; no order was activated.',
  ],
  ['only cleared ones', anAlert({ fresh: 0, reopened: 0 }), 'exceptions', null],
  [
    'all cleared',
    anAlert({ ...cleanState, outcome: 'passed', cleared: 2 }),
    'exceptions',
    ':white_check_mark: All clear: Every won deal becomes an order.',
  ],
  ['a pass after a pass', anAlert({ ...cleanState, outcome: 'passed' }), 'passed', null],
  [
    'a verdict lost',
    anAlert({ outcome: 'not_evaluated', reason: 'The file is gone.' }),
    'passed',
    ':warning: Not evaluated: The file is gone.',
  ],
] as const)('the thread is told of %s as it should be', (_name, alert, previous, expected) => {
  expect(renderTransition(alert, previous)).toBe(expected);
});
