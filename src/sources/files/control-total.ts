import { createHash } from 'node:crypto';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { isNativeError } from 'node:util/types';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { isDate } from '../../core/calendar';
import { compareAmounts, formatAmount } from '../../core/money';
import type { Problem } from '../../core/problem';
import { lineOf } from '../../platform/config';
import { unreadable } from './copy-source';
import type { ProblemList } from './problem-list';

/** Largest control total file that is read. */
export const MAX_CONTROL_TOTAL_BYTES = 1_048_576;

const amount = z.string().regex(/^-?\d{1,32}(\.\d{1,6})?$/, 'must be a decimal such as "1234.56"');
const date = z.string().refine(isDate, 'must be a date written "YYYY-MM-DD"');

/** A control total file (CONTROLS §1.5): what the source says it handed over. */
export const controlTotalSchema = z.strictObject({
  rows: z
    .union(
      [z.int().nonnegative('must be a count of rows'), z.string().regex(/^\d{1,18}$/)],
      'must be a count of rows',
    )
    .transform(String),
  sums: z.record(z.string().regex(/^[A-Z]{3}$/), amount),
  min_date: date.optional(),
  max_date: date.optional(),
  source_system: z.string().optional(),
  extracted_at: z.iso
    .datetime({ offset: true, error: 'must be an instant such as "2026-07-01T06:00:00Z"' })
    .optional(),
  extracted_by: z.string().optional(),
  query_text: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .transform((digits) => digits.toLowerCase())
    .optional(),
});

export type ControlTotal = z.infer<typeof controlTotalSchema>;

/** A control total as read: its values, and where they stand for whoever disagrees with them. */
export interface ControlTotalFile {
  /** As shown to people. */
  file: string;
  sha256: string;
  total: ControlTotal;
  lineOf: (field: readonly string[]) => number | undefined;
}

/** What the dataset itself turned out to hold. */
export interface DatasetFacts {
  displayPath: string;
  sha256: string;
  rows: string;
  totals: readonly { currency: string; rows: string; amount: string }[];
  /** Range of the dataset's one date column; null when it has none or several, or no dates. */
  dates: { column: string; min: string; max: string } | null;
}

/**
 * Reads the control total beside a file, `payments.csv.ctl.json` or `payments.ctl.json`, and keeps
 * its bytes in `copy`. Null when there is none, or when it cannot be used: its problems are added.
 */
export async function readControlTotal(
  source: { path: string; displayPath: string; required: boolean },
  copy: string,
  problems: ProblemList,
): Promise<ControlTotalFile | null> {
  const names = [
    source,
    { path: stemOf(source.path), displayPath: stemOf(source.displayPath) },
  ].map((base) => ({ path: `${base.path}.ctl.json`, file: `${base.displayPath}.ctl.json` }));
  const present: typeof names = [];
  for (const name of names) {
    const isThere = await access(name.path).then(
      () => true,
      () => false,
    );
    if (isThere && !present.some((other) => other.path === name.path)) present.push(name);
  }
  const [found, second] = present;
  if (!found) {
    if (source.required) {
      problems.add({
        file: source.displayPath,
        message: 'Its control total file is required and does not exist.',
        remedy: `Have the source write ${path.basename(source.path)}.ctl.json beside it.`,
      });
    }
    return null;
  }
  if (second) {
    problems.add({
      file: found.file,
      message: `There is a second control total, ${path.basename(second.path)}.`,
      remedy: 'Keep the one that belongs to this extract.',
    });
    return null;
  }
  const bytes = await readSmall(found, problems);
  if (bytes === null) return null;
  await writeFile(copy, bytes, { mode: 0o600 });
  return parseControlTotal(found.file, bytes, problems);
}

function stemOf(file: string): string {
  const { dir, name } = path.parse(file);
  return path.join(dir, name);
}

async function readSmall(
  found: { path: string; file: string },
  problems: ProblemList,
): Promise<Buffer | null> {
  const stats = await stat(found.path);
  if (stats.isFile() && stats.size <= MAX_CONTROL_TOTAL_BYTES) {
    return readFile(found.path).catch((cause: unknown) => {
      problems.add(unreadable(found.file, cause));
      return null;
    });
  }
  problems.add({
    file: found.file,
    message: stats.isFile()
      ? `The control total takes ${stats.size} bytes; at most ${MAX_CONTROL_TOTAL_BYTES} are read.`
      : 'The control total is not a regular file.',
    remedy: 'Have the source write it again (docs/files.md shows the form).',
  });
  return null;
}

function parseControlTotal(
  file: string,
  bytes: Buffer,
  problems: ProblemList,
): ControlTotalFile | null {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const lines = new LineCounter();
  // JSON is a part of YAML; this parser knows on which line each value stands.
  const document = parseDocument(text, { lineCounter: lines, schema: 'json' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    problems.add({
      file,
      line: syntaxErrorLine(text, cause),
      message: 'This is not valid JSON.',
      remedy: 'Correct the JSON here (docs/files.md shows the form).',
    });
    return null;
  }
  if (document.errors.some((error) => error.code === 'DUPLICATE_KEY')) {
    const [error] = document.errors;
    problems.add({
      file,
      line: error?.linePos?.[0].line,
      message: 'A name is used twice in the same object.',
      remedy: 'Keep the right one.',
    });
    return null;
  }
  const result = controlTotalSchema.safeParse(value);
  if (!result.success) {
    for (const issue of result.error.issues)
      problems.add(schemaProblem(file, document, lines, issue));
    return null;
  }
  return {
    file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    total: result.data,
    lineOf: (field) => lineOf(document, lines, field),
  };
}

/** Node says where, and quotes what it found there; the quote stays out. */
function syntaxErrorLine(text: string, cause: unknown): number {
  const match = isNativeError(cause) ? /position (\d+)/.exec(cause.message) : null;
  const before = match ? text.slice(0, Number(match[1])) : text.trimEnd();
  return before.split('\n').length;
}

function schemaProblem(
  file: string,
  document: Document.Parsed,
  lines: LineCounter,
  issue: z.core.$ZodIssue,
): Problem {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const at = [...issue.path, ...unknown];
  const isMoney = at[0] === 'sums' && at.length === 2;
  const isNumber = isMoney && typeof document.getIn(at) === 'number';
  return {
    file,
    line: lineOf(document, lines, at),
    field: at.join('.'),
    message: isNumber
      ? 'is a JSON number, which cannot hold money exactly.'
      : `${SAID[issue.code] ?? issue.message}.`,
    remedy: isNumber
      ? 'Write it as a string, such as "1234.56".'
      : 'Correct this value (docs/files.md shows the form).',
  };
}

const SAID: Partial<Record<z.core.$ZodIssue['code'], string>> = {
  unrecognized_keys: 'is not a field of a control total',
  invalid_key: 'must be a currency code, such as EUR',
};

const EXTRACT_AGAIN = 'Have the source write the file and its control total again, together.';

/** Every way in which a control total and the file it belongs to disagree. */
export function checkControlTotal(control: ControlTotalFile, facts: DatasetFacts): Problem[] {
  const problems: Problem[] = [];
  const disagree = (field: string[], stated: string, found: string): void => {
    problems.push({
      file: control.file,
      line: control.lineOf(field),
      field: field.join('.'),
      message: `states ${stated}; ${facts.displayPath} has ${found}.`,
      remedy: EXTRACT_AGAIN,
    });
  };
  const { total } = control;
  if (BigInt(total.rows) !== BigInt(facts.rows))
    disagree(['rows'], `${total.rows} rows`, `${facts.rows} rows`);
  checkSums(total, facts, disagree);
  if (total.sha256 !== undefined && total.sha256 !== facts.sha256)
    disagree(['sha256'], `the hash ${total.sha256}`, `the hash ${facts.sha256}`);
  if (facts.dates !== null) {
    const { column, min, max } = facts.dates;
    if (total.min_date !== undefined && total.min_date !== min)
      disagree(['min_date'], total.min_date, `${min} as its first ${column}`);
    if (total.max_date !== undefined && total.max_date !== max)
      disagree(['max_date'], total.max_date, `${max} as its last ${column}`);
  }
  return problems;
}

type Disagree = (field: string[], stated: string, found: string) => void;

function checkSums(total: ControlTotal, facts: DatasetFacts, disagree: Disagree): void {
  const found = new Map(facts.totals.map((sum) => [sum.currency, sum]));
  for (const [currency, stated] of Object.entries(total.sums)) {
    const sum = found.get(currency)?.amount ?? '0';
    if (compareAmounts(stated, sum) === 0) continue;
    const said = `${formatAmount(stated, currency)} ${currency}`;
    const had = found.has(currency)
      ? `${formatAmount(sum, currency)} ${currency}`
      : `no amount in ${currency}`;
    disagree(['sums', currency], said, had);
  }
  for (const { currency, rows, amount: sum } of facts.totals) {
    if (currency in total.sums) continue;
    const had = `${rows} rows of ${formatAmount(sum, currency)} ${currency}`;
    disagree(['sums', currency], `no sum in ${currency}`, had);
  }
}
