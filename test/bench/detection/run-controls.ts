import { addDays, closedPeriods, periodContaining, type Period } from '../../../src/core/calendar';
import { looksEarly, periodLength, type Rhythm } from '../../../src/core/control';
import { Refusal } from '../../../src/core/problem';
import type { Catalog } from '../../../src/catalog/catalog';
import { lastWholeDay } from '../../../src/platform/clock';
import { createLogger } from '../../../src/platform/logger';
import { runControl } from '../../../src/runs/run-control';
import { runDependencies } from '../../../src/runs/run-dependencies';
import { inParallel } from '../../../src/sources/stripe/in-parallel';
import type { BenchBooks } from './open-bench-books';

/** A finding of the bench: over periods, one key is one finding. */
export interface BenchFinding {
  control: string;
  code: string;
  key: Record<string, string>;
  /** Ids of the records that the finding's items come from. */
  records: string[];
  entity: string;
  period: string;
  explanation: string;
}

export interface BenchRuns {
  findings: BenchFinding[];
  /** Runs by outcome. */
  outcomes: Record<string, number>;
  /** Runs without a verdict, each reason once. */
  reasons: { control: string; reason: string; runs: number }[];
  /** Milliseconds by control. */
  took: Record<string, number>;
}

export interface RunWish {
  catalog: Catalog;
  controls: readonly string[];
  last: number | null;
  /** Days after the end of each period that it is judged as of; null: all as of today. */
  hindsight: number | null;
}

/** First day of the company's history. */
const since = '2024-07-01';
/**
 * The as-of day lies this many days before the last whole one: windows of APIs are UTC days, and
 * the last whole day in Los Angeles ends in a window that is still open.
 */
const behindDays = 1;
/** Runs at a time: while one waits for the books, others compute. */
const atOnce = 3;

/** Runs controls for every closed period of every entity, and gives what each last run found. */
export async function runControls(
  books: Pick<BenchBooks, 'config' | 'database' | 'clock'>,
  { catalog, controls, last, hindsight }: RunWish,
  told: (done: number, of: number, control: string) => void,
): Promise<BenchRuns> {
  const { config, database, clock } = books;
  const logger = createLogger({ level: 'error' });
  const dependencies = runDependencies({ config, database, catalog, clock, logger });
  const requests = requestsOf(books, { catalog, controls, last, hindsight });
  const result: BenchRuns = { findings: [], outcomes: {}, reasons: [], took: {} };
  const runIds: string[] = [];
  let done = 0;
  // Runs of one control and entity are a chain; those of different controls do not meet.
  await inParallel(lanesOf(requests), atOnce, async (lane) => {
    for (const request of lane) {
      told(done, requests.length, request.control);
      const began = performance.now();
      const run = await runControl(request, dependencies, {
        step: () => undefined,
        frozen: () => undefined,
      }).catch((cause: unknown) => {
        if (!(cause instanceof Refusal)) throw cause;
        return { outcome: 'refused', reason: cause.message, runId: null };
      });
      const ms = Math.round(performance.now() - began);
      result.took[request.control] = (result.took[request.control] ?? 0) + ms;
      result.outcomes[run.outcome] = (result.outcomes[run.outcome] ?? 0) + 1;
      if (run.reason !== null) noteReason(result, request.control, run.reason);
      if (run.runId !== null) runIds.push(run.runId);
      done += 1;
    }
  });
  result.findings = await findingsOf(database, runIds);
  return result;
}

function lanesOf<Request extends { control: string; entity: string }>(
  requests: readonly Request[],
): Request[][] {
  const lanes = new Map<string, Request[]>();
  for (const request of requests) {
    const name = `${request.control} ${request.entity}`;
    lanes.set(name, [...(lanes.get(name) ?? []), request]);
  }
  return [...lanes.values()];
}

function requestsOf({ config, clock }: Pick<BenchBooks, 'config' | 'clock'>, wish: RunWish) {
  const { catalog, controls, last, hindsight } = wish;
  return catalog.controls
    .filter(({ control }) => controls.includes(control.id))
    .flatMap(({ control }) =>
      config.entities.flatMap((entity) => {
        const today = addDays(lastWholeDay(clock.now(), entity.time_zone), -behindDays);
        const judged = periodsOf(control, today)
          .map(({ key, end }) => ({
            ...{ control: control.id, entity: entity.id, period: key },
            asOf: hindsight === null ? today : addDays(end, hindsight - 1),
          }))
          .filter(({ asOf }) => asOf <= today);
        return judged.slice(last === null ? 0 : -last).map((request) => ({
          ...request,
          ...{ cause: 'requested' as const, reason: 'detection benchmark', requestedBy: 'bench' },
        }));
      }),
    );
}

/** As the planner would: what has ended, and what a control looks at while it lasts. */
function periodsOf(control: Rhythm, asOf: string): Period[] {
  const length = periodLength(control);
  if (length === 'on_event') return []; // runs when somebody asks, for no set of periods
  const closed = closedPeriods(length, since, addDays(asOf, 1));
  const open = periodContaining(length, asOf);
  return looksEarly(control) && open.end > addDays(asOf, 1) ? [...closed, open] : closed;
}

function noteReason({ reasons }: BenchRuns, control: string, reason: string): void {
  const known = reasons.find((one) => one.control === control && one.reason === reason);
  if (known) known.runs += 1;
  else reasons.push({ control, reason, runs: 1 });
}

async function findingsOf(
  { app }: BenchBooks['database'],
  runIds: string[],
): Promise<BenchFinding[]> {
  const { rows } = await app.raw<{ rows: BenchFinding[] }>(
    `select e.control_id as control, e.code, e.key, e.entity_id as entity, e.explanation,
       e.period_key as period, array(
         select distinct split_part(item ->> 'source_ref', ':', 3)
         from tieout.exception_events v,
           jsonb_array_elements(coalesce(v.left_items, '[]') || coalesce(v.right_items, '[]')) item
         where v.exception_id = e.exception_id and item ->> 'source_ref' is not null) as records
     from tieout.exceptions e
     where e.state = 'open' and e.last_seen_run = any (?::uuid[])
     order by e.control_id, e.code, e.period_key, e.fingerprint`,
    [runIds],
  );
  return rows;
}
