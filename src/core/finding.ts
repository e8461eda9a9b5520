import { canonicalJson, sha256Hex, type Json, type KnownTexts } from './canonical-json';
import type { Severity } from './outcome';

/** One item of a population as frozen: every column as exact text. */
export type Item = Record<string, string | null>;

/** What a run found at one key. Amounts are major units; null where none is compared. */
export interface FindingFacts {
  procedure: string;
  code: string;
  /** Key columns and their values, as text. */
  key: Record<string, string>;
  currency: string | null;
  leftAmount: string | null;
  rightAmount: string | null;
  /** left − right. */
  difference: string | null;
  /** Potential misstatement, never negative. */
  impact: string | null;
  severity: Severity;
  explanation: string;
  /** The items behind it, at most the configured number; the counts say how many there are. */
  leftItems: Item[];
  rightItems: Item[];
  leftCount: string;
  rightCount: string;
}

/**
 * Identity of an exception across runs: control, procedure, code, keys, entity and period. The
 * currency is part of the key, since one key may be wrong in two currencies.
 */
export function fingerprintOf(
  scope: { control: string; entity: string; period: string },
  finding: Pick<FindingFacts, 'procedure' | 'code' | 'key' | 'currency'>,
  known?: KnownTexts,
): string {
  const { procedure, code, key, currency } = finding;
  const { control, entity, period } = scope;
  // In the order of canonical JSON, which then has nothing to sort.
  return sha256Hex(
    canonicalJson({ code, control, currency, entity, key, period, procedure }, known),
  );
}

/** The line of a finding in the evidence: canonical JSON of its facts and its fingerprint. */
export function findingLine(
  fingerprint: string,
  finding: FindingFacts,
  known?: KnownTexts,
): string {
  const line: Record<keyof FindingFacts | 'fingerprint', Json> = {
    code: finding.code,
    currency: finding.currency,
    difference: finding.difference,
    explanation: finding.explanation,
    fingerprint,
    impact: finding.impact,
    key: finding.key,
    leftAmount: finding.leftAmount,
    leftCount: finding.leftCount,
    leftItems: finding.leftItems,
    procedure: finding.procedure,
    rightAmount: finding.rightAmount,
    rightCount: finding.rightCount,
    rightItems: finding.rightItems,
    severity: finding.severity,
  };
  return canonicalJson(line, known);
}
