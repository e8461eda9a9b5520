import { renderOverall, renderUnderWay } from './render-progress';

test('a run under way shows its step, the items frozen and the time it took so far', () => {
  const name = 'CA-04 Every payout reaches the bank';
  expect(renderUnderWay({ name, step: 'claim', items: 0, elapsedMs: 40 })).toBe(
    `  ━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  1/5 claim                   0.0 s  ${name}`,
  );
  expect(renderUnderWay({ name, step: 'evaluate', items: 1204, elapsedMs: 849 })).toBe(
    `  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌  4/5 evaluate 1,204 items    0.8 s  ${name}`,
  );
});

test('the bar of all runs is full with the last of them', () => {
  expect(renderOverall(3, 12, 'runs', 4_100)).toBe(
    '  ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  3 of 12 runs              4.1 s',
  );
  expect(renderOverall(12, 12, 'runs', 9_000)).toContain('━'.repeat(20));
});
