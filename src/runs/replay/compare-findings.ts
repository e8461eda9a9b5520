import { addAmounts } from '../../core/money';
import type { FindingFacts } from '../../core/finding';
import type { ReplayedFinding, ReplayedPeriod } from './replay.contract';

/** Of each kind of change so many are kept with the replay; the counts are of all. */
export const mostShown = 50;

/** A finding of the evidence, as its line of findings.jsonl holds it. */
export type WrittenFacts = FindingFacts & { fingerprint: string };

export type FindingsComparison = Pick<
  ReplayedPeriod,
  'gained' | 'lost' | 'changed' | 'impacts' | 'findings'
>;

type Change = ReplayedFinding['change'];

/** What is the same finding says its fingerprint; whether it says the same, these. */
const saysOf = ({ leftAmount, rightAmount, impact, severity, explanation }: FindingFacts): string =>
  JSON.stringify([leftAmount, rightAmount, impact, severity, explanation]);

/** Findings of two versions over the same entity and period, whatever their order. */
export async function compareFindings(
  before: AsyncIterable<WrittenFacts>,
  after: AsyncIterable<WrittenFacts>,
): Promise<FindingsComparison> {
  const known = new Map<string, { facts: ReplayedFinding; says: string }>();
  for await (const facts of before)
    known.set(facts.fingerprint, { facts: shown('lost', facts, null), says: saysOf(facts) });
  const differences = new Differences();
  for await (const facts of after) {
    const same = known.get(facts.fingerprint);
    known.delete(facts.fingerprint);
    if (same === undefined) differences.add(shown('gained', facts, null));
    else if (same.says !== saysOf(facts))
      differences.add(shown('changed', facts, same.facts.explanation));
  }
  for (const { facts } of known.values()) differences.add(facts);
  return differences.told();
}

class Differences {
  private readonly counts: Record<Change, number> = { gained: 0, lost: 0, changed: 0 };
  private readonly impacts = new Map<string, { gained: string; lost: string }>();
  private readonly findings: ReplayedFinding[] = [];

  add(finding: ReplayedFinding): void {
    const { change, currency, impact } = finding;
    this.counts[change] += 1;
    if (this.counts[change] <= mostShown) this.findings.push(finding);
    if (change === 'changed' || currency === null || impact === null) return;
    const sums = this.impacts.get(currency) ?? { gained: '0', lost: '0' };
    this.impacts.set(currency, { ...sums, [change]: addAmounts(sums[change], impact) });
  }

  told(): FindingsComparison {
    const { gained, lost, changed } = this.counts;
    const order: Change[] = ['gained', 'lost', 'changed'];
    return {
      gained: String(gained),
      lost: String(lost),
      changed: String(changed),
      impacts: [...this.impacts]
        .map(([currency, sums]) => ({ currency, ...sums }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
      findings: order.flatMap((kind) => this.findings.filter(({ change }) => change === kind)),
    };
  }
}

const shown = (
  change: Change,
  { procedure, code, key, currency, severity, impact, explanation }: FindingFacts,
  explanationBefore: string | null,
): ReplayedFinding => ({
  change,
  procedure,
  code,
  key,
  currency,
  severity,
  impact,
  explanation,
  explanation_before: explanationBefore,
});
