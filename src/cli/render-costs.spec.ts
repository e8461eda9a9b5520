import { plainPaint } from './paint';
import { renderCosts } from './render-costs';
import { costOf, costOfRuns } from './run-costs';

const run = (control: string, ms: number, megabytes: number) => ({
  ...{ control, took_ms: ms, peak_rss_bytes: megabytes * 1e6 },
});

test('what each control took is summed over its runs, the dearest first, with its share', () => {
  const runs = [run('BK-02', 500, 300), run('US-01', 61_000, 410), run('US-01', 14_000, 420)];
  runs.push(run('BK-02', 24_500, 310));
  const costs = costOfRuns(runs, { wall_ms: 101_000, peak_rss_bytes: 450e6 });
  expect(renderCosts(costs, { width: 80, paint: plainPaint })).toEqual([
    'control  runs        time   share    slowest  memory',
    'US-01       2  1 min 15 s  75.0 %  1 min 1 s  420 MB',
    'BK-02       2      25.0 s  25.0 %     24.5 s  310 MB',
    '',
    '4 runs in 1 min 41 s, peak memory 450 MB (this process; Postgres has its own)',
  ]);
});

test('memory that a run held and gave back is in its peak', async () => {
  const before = process.memoryUsage.rss();
  const held = 150e6;
  const [pages, cost] = await costOf(async () => {
    const block = Buffer.alloc(held, 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    return block.length;
  });
  expect(pages).toBe(held);
  expect(cost.took_ms).toBeGreaterThanOrEqual(140);
  expect(cost.peak_rss_bytes).toBeGreaterThan(before + held / 2);
});
