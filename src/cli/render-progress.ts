import { runSteps, type RunStep } from '../runs/run-types';
import { counted, duration, padLeft } from './text-layout';

/** A run under way, as its bar shows it. */
export interface RunUnderWay {
  /** 'CA-04 Payouts reach the bank'. */
  name: string;
  step: RunStep;
  items: number;
  elapsedMs: number;
}

const barCells = 20;
/** Cells filled once a step is entered: freezing and evaluating are most of a run. */
const filledAt: Record<RunStep, number> = {
  claim: 1,
  gate: 2,
  freeze: 4,
  evaluate: 12,
  record: 18,
};

/** '━━━━╌╌╌╌', of twenty cells. */
export const bar = (filled: number): string =>
  '━'.repeat(Math.min(filled, barCells)) + '╌'.repeat(Math.max(0, barCells - filled));

/** '  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌  4/5 evaluate   1,204 items    0.8 s  CA-04 Payouts reach the bank'. */
export function renderUnderWay({ name, step, items, elapsedMs }: RunUnderWay): string {
  const count = `${runSteps.indexOf(step) + 1}/${runSteps.length}`;
  const frozen = padLeft(items > 0 ? counted(items, 'item') : '', 12);
  const took = padLeft(duration(elapsedMs), 7);
  return `  ${bar(filledAt[step])}  ${count} ${step.padEnd(8)}${frozen}  ${took}  ${name}`;
}

/** '  ━━━━━╌╌╌  3 of 12 runs  4.1 s'. */
export function renderOverall(
  done: number,
  total: number,
  what: string,
  elapsedMs: number,
): string {
  const filled = total === 0 ? 0 : Math.floor((done * barCells) / total);
  const count = `${done} of ${total} ${what}`.padEnd(24);
  return `  ${bar(filled)}  ${count}${padLeft(duration(elapsedMs), 7)}`;
}
