import { canonicalJson, sha256Hex, type KnownTexts } from '../core/canonical-json';
import type { FindingFacts } from '../core/finding';

/** A finding as the evidence has it. */
export interface WrittenFinding {
  facts: FindingFacts;
  fingerprint: string;
  /** Canonical JSON of all of it. */
  line: string;
  /** Canonical JSON of its key and items, where it is known. */
  texts?: KnownTexts;
}

/** The temp table that record-findings.sql reads, with its columns in the order of findingRow. */
export const findingRowsSql = `create temp table finding_rows (new_id uuid, fingerprint text,
  procedure text, code text, key jsonb, currency text, severity text, left_amount numeric,
  right_amount numeric, difference numeric, impact numeric, explanation text, left_items jsonb,
  right_items jsonb, left_count bigint, right_count bigint, facts_sha256 text) on commit drop`;

export const copyFindingRowsSql = 'copy pg_temp.finding_rows from stdin';

/** A finding as a line of COPY's text format; `newId` is for the exception it may open. */
export function findingRow(
  newId: string,
  { facts, fingerprint, line, texts }: WrittenFinding,
): string {
  const fields = [
    fingerprint,
    facts.procedure,
    facts.code,
    canonicalJson(facts.key, texts),
    facts.currency,
    facts.severity,
    facts.leftAmount,
    facts.rightAmount,
    facts.difference,
    facts.impact,
    facts.explanation,
    canonicalJson(facts.leftItems, texts),
    canonicalJson(facts.rightItems, texts),
    facts.leftCount,
    facts.rightCount,
    sha256Hex(line),
  ];
  let row = newId;
  for (const field of fields) row += `\t${field === null ? '\\N' : escaped(field)}`;
  return `${row}\n`;
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (text: string): string =>
  /[\\\n\r\t]/.test(text) ? text.replace(/[\\\n\r\t]/g, (one) => escapes[one] ?? one) : text;

/**
 * A UUIDv7 (RFC 9562): time, the count of the finding in its run, 48 random bits in hex. What comes
 * in order goes to the end of an index, and an exception stands in ten of them.
 */
export function exceptionId(atMs: number, count: number, random: string): string {
  const time = atMs.toString(16).padStart(12, '0');
  const high = (count >> 14).toString(16).padStart(3, '0');
  return `${time}7${high}${(0x8000 + (count & 0x3fff)).toString(16)}${random}`;
}
