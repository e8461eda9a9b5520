import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import type { Catalog } from '../../src/catalog/catalog';
import { formatProblem } from '../../src/core/problem';
import type { WorldWish } from '../../src/sandbox/world/world-request';
import { benchOptions, type BenchOptions } from './detection/bench-options';
import { scoreBaseline } from './detection/naive-baseline';
import { openBenchBooks } from './detection/open-bench-books';
import { readTruth, type Expected } from '../../src/sandbox/northwind/read-truth';
import { percent, renderScores, type WorldReport } from './detection/render-scores';
import { keepScores, scoreTable } from './detection/score-table';
import { runControls } from './detection/run-controls';
import { scoreFindings } from './detection/score-findings';

/**
 * Plants anomalies into generated worlds, reads the worlds into books as a production is read, runs
 * the controls, and holds what they find against what was planted. Options: --help.
 *
 *   npm run bench:detection -- --controls BK-01 --work /tmp/detection
 */
async function main(): Promise<void> {
  const options = benchOptions(process.argv.slice(2));
  const catalog = await loadCatalog(path.resolve(options.catalogDir));
  for (const problem of catalog.problems)
    process.stderr.write(`controls: ${formatProblem(problem)}\n`);
  const reports: WorldReport[] = [];
  for (const wish of options.wishes) {
    const report = await benchWorld(wish, options, catalog);
    reports.push(report);
    if (!options.json) process.stdout.write(`${renderScores(report).join('\n')}\n\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(reports.map(asJson), null, 2)}\n`);
  else if (reports.length > 1) process.stdout.write(`${totalOf(reports)}\n`);
  if (options.workDir !== null && !options.json)
    process.stdout.write(`\n${scoreTable(options.workDir).join('\n')}\n`);
}

async function benchWorld(
  wish: WorldWish,
  options: BenchOptions,
  catalog: Catalog,
): Promise<WorldReport> {
  const books = await openBenchBooks(wish, options);
  try {
    const known = catalog.controls.map(({ control }) => control.id);
    const controls = known.filter((id) => options.controls?.includes(id) ?? true);
    const truth = readTruth(books.world);
    const told = (done: number, of: number, control: string): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r  ${done} of ${of} runs: ${control}   `);
    };
    const { last, hindsight } = options;
    const runs = await runControls(books, { catalog, controls, last, hindsight }, told);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const { seed, scale, magnitude, where, injections } = wish;
    const planted = injections.length > 3 ? `${injections.length} anomalies` : injections.join();
    const scored = scoreFindings(runs.findings, truth, controls);
    const report = {
      wish: `seed ${seed}, scale ${scale}, ${planted || 'nothing planted'}, ${magnitude}, ${where}`,
      ...{ folder: books.world, took: books.took, without: books.without, runs },
      scored,
      baseline: await scoreBaseline(books.database.app, truth.expected, controls),
      unbuilt: truth.expected.filter(({ control }) => !known.includes(control)),
      missingCodes: missingCodes(catalog, truth.expected, controls),
    };
    if (options.workDir !== null && last === null && hindsight === null)
      keepScores(path.dirname(books.world), `${report.wish}, until ${wish.now}`, scored.byControl);
    return report;
  } finally {
    await books.close();
  }
}

function missingCodes(
  catalog: Catalog,
  expected: readonly Expected[],
  controls: readonly string[],
): string[] {
  const looked = new Set(
    catalog.controls.flatMap(({ control }) =>
      control.procedures.flatMap(({ findings }) => findings.map(({ code }) => code)),
    ),
  );
  return [
    ...new Set(
      expected
        .filter(({ control, code }) => controls.includes(control) && !looked.has(code))
        .map(({ injection, code }) => `${code} (${injection})`),
    ),
  ].sort();
}

const asJson = ({ scored, ...report }: WorldReport) => ({
  ...report,
  by_control: Object.fromEntries(scored.byControl),
  by_code: Object.fromEntries(scored.byCode),
  misses: scored.misses,
  false_alarms: scored.falseAlarms,
});

function totalOf(reports: readonly WorldReport[]): string {
  const sum = { expected: 0, found: 0, reported: 0, false: 0 };
  for (const { scored } of reports)
    for (const score of scored.byControl.values())
      for (const count of Object.keys(sum) as (keyof typeof sum)[]) sum[count] += score[count];
  const { expected, found, reported } = sum;
  return (
    `${reports.length} worlds: recall ${percent(found, expected)} (${found} of ${expected}), ` +
    `precision ${percent(reported - sum.false, reported)} (${sum.false} false of ${reported})`
  );
}

main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof RangeError ? cause.message : String(cause)}\n`);
  if (cause instanceof Error && !(cause instanceof RangeError))
    process.stderr.write(`${cause.stack ?? ''}\n`);
  process.exitCode = 1;
});
