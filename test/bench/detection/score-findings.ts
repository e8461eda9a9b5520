import { standsAt, type Expected, type LookAlike } from '../../../src/sandbox/northwind/read-truth';
import type { BenchFinding } from './run-controls';

export interface Score {
  expected: number;
  found: number;
  /** Findings by different code and key. */
  reported: number;
  false: number;
}

export interface Miss extends Expected {
  /** Codes that were reported on the same key by the same control. */
  reportedAs: string[];
}

export interface FalseAlarm {
  finding: BenchFinding;
  /** What must not be found here: ids of look-alikes with this key. */
  lookAlikes: string[];
  /** Anomalies that were planted on the same key, for whatever control. */
  planted: string[];
}

export interface Scored {
  byControl: Map<string, Score>;
  /** `control code` */
  byCode: Map<string, Score>;
  misses: Miss[];
  falseAlarms: FalseAlarm[];
}

const noScore = (): Score => ({ expected: 0, found: 0, reported: 0, false: 0 });

/** Holds findings against the truth. Expectations of controls that were not run do not count. */
export function scoreFindings(
  findings: readonly BenchFinding[],
  truth: { expected: readonly Expected[]; lookAlikes: readonly LookAlike[] },
  controls: readonly string[],
): Scored {
  const scored: Scored = { byControl: new Map(), byCode: new Map(), misses: [], falseAlarms: [] };
  const add = (control: string, code: string, count: keyof Score): void => {
    for (const [scores, name] of [
      [scored.byControl, control],
      [scored.byCode, `${control} ${code}`],
    ] as const) {
      const score = scores.get(name) ?? noScore();
      scores.set(name, score);
      score[count] += 1;
    }
  };
  for (const control of controls) scored.byControl.set(control, noScore());
  const unique = onePerKey(findings);
  for (const one of truth.expected.filter(({ control }) => controls.includes(control))) {
    add(one.control, one.code, 'expected');
    const there = unique.filter(
      (finding) => finding.control === one.control && standsAt(finding, one.key),
    );
    if (there.some(({ code }) => code === one.code)) add(one.control, one.code, 'found');
    else scored.misses.push({ ...one, reportedAs: [...new Set(there.map(({ code }) => code))] });
  }
  for (const finding of unique) {
    add(finding.control, finding.code, 'reported');
    const at = truth.expected.filter(({ key }) => standsAt(finding, key));
    if (at.some(({ control, code }) => control === finding.control && code === finding.code))
      continue;
    add(finding.control, finding.code, 'false');
    scored.falseAlarms.push({
      finding,
      planted: [...new Set(at.map(({ injection, code }) => `${injection} ${code}`))],
      lookAlikes: [
        ...new Set(
          truth.lookAlikes
            .filter(({ key }) => standsAt(finding, key))
            .map(({ look_alike: id }) => id),
        ),
      ],
    });
  }
  return scored;
}

/** A standing exception is found in every period: it counts once. */
function onePerKey(findings: readonly BenchFinding[]): BenchFinding[] {
  const seen = new Map<string, BenchFinding>();
  for (const finding of findings) {
    const { control, code, key } = finding;
    const values = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
    seen.set(`${control} ${code} ${JSON.stringify(values)}`, finding);
  }
  return [...seen.values()];
}
