import { compareFindings, mostShown, type WrittenFacts } from './compare-findings';

const finding = (id: string, impact: string, more: Partial<WrittenFacts> = {}): WrittenFacts => ({
  fingerprint: id,
  procedure: 'orders-to-payments',
  code: 'CA90-UNPAID',
  key: { order_id: id },
  currency: 'USD',
  leftAmount: impact,
  rightAmount: null,
  difference: impact,
  impact,
  severity: 'low',
  explanation: `Order ${id} is not paid.`,
  leftItems: [],
  rightItems: [],
  leftCount: '1',
  rightCount: '0',
  ...more,
});

async function* listed(...findings: WrittenFacts[]): AsyncIterable<WrittenFacts> {
  for (const one of findings) yield await Promise.resolve(one);
}

test('what one version alone finds is gained or lost, with its impact by currency', async () => {
  const compared = await compareFindings(
    listed(finding('a', '10.1'), finding('b', '5'), finding('c', '7', { currency: 'EUR' })),
    listed(finding('d', '0.2'), finding('b', '5'), finding('e', '0.1')),
  );
  expect(compared).toMatchObject({ gained: '2', lost: '2', changed: '0' });
  expect(compared.impacts).toEqual([
    { currency: 'EUR', gained: '0', lost: '7' },
    { currency: 'USD', gained: '0.3', lost: '10.1' },
  ]);
  expect(compared.findings.map(({ change, key }) => `${change} ${key['order_id']}`)).toEqual([
    'gained d',
    'gained e',
    'lost a',
    'lost c',
  ]);
});

test('a finding that says otherwise is changed, and other items alone change nothing', async () => {
  const { findings, ...counts } = await compareFindings(
    listed(finding('a', '10'), finding('b', '5')),
    listed(
      finding('b', '5', { leftItems: [{ order_id: 'b' }] }),
      finding('a', '10', { severity: 'high', explanation: 'Order a waits.' }),
    ),
  );
  expect(counts).toEqual({ gained: '0', lost: '0', changed: '1', impacts: [] });
  expect(findings).toMatchObject([
    { change: 'changed', severity: 'high', explanation_before: 'Order a is not paid.' },
  ]);
});

test('of many differences all are counted and the first are kept', async () => {
  const many = Array.from({ length: mostShown + 7 }, (_, i) => finding(`k${i}`, '1'));
  const compared = await compareFindings(listed(), listed(...many));
  expect(compared.gained).toBe(String(mostShown + 7));
  expect(compared.findings).toHaveLength(mostShown);
  expect(compared.impacts).toEqual([{ currency: 'USD', gained: String(mostShown + 7), lost: '0' }]);
});
