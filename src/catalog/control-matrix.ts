import { assertionLabels, assertionWords } from '../core/assertions';
import { codePrefix, describeRhythm } from '../core/control';
import { plannedFindings } from '../core/plan';
import type { LoadedControl } from './catalog';

/** A line of the risk-control matrix, as an auditor keeps it. */
export interface MatrixRow {
  id: string;
  title: string;
  process: string;
  objective: string;
  risk: string;
  assertions: { name: string; aicpa: string; pcaob: string }[];
  key_control: boolean;
  frequency: string;
  owner: string;
  reviewer: string;
  /** Everything it can find, in the order of its procedures. */
  codes: string[];
  cases: number;
  version: string;
}

export function matrixRow({ control, cases, version }: LoadedControl): MatrixRow {
  return {
    id: control.id,
    title: control.title,
    process: control.process,
    objective: control.objective,
    risk: control.risk,
    assertions: control.assertions.map((name) => ({
      name: assertionWords(name),
      ...assertionLabels[name],
    })),
    key_control: control.key_control,
    frequency: describeRhythm(control),
    owner: control.owner,
    reviewer: control.reviewer,
    codes: [...new Set(control.procedures.flatMap((one) => declared(one, control.id)))],
    cases: cases.length,
    version,
  };
}

const declared = (
  procedure: LoadedControl['control']['procedures'][number],
  id: string,
): string[] =>
  plannedFindings(procedure, codePrefix(id))
    .filter(({ finding }) => procedure.findings.includes(finding))
    .map(({ code }) => code);

const each = (row: MatrixRow, of: 'name' | 'aicpa' | 'pcaob'): string =>
  [...new Set(row.assertions.map((one) => one[of]))].join('; ');

const csvColumns: [title: string, cell: (row: MatrixRow) => string][] = [
  ['control', ({ id }) => id],
  ['title', ({ title }) => title],
  ['process', ({ process }) => process],
  ['objective', ({ objective }) => objective],
  ['risk', ({ risk }) => risk],
  ['assertions', (row) => each(row, 'name')],
  ['assertions (AICPA AU-C 315)', (row) => each(row, 'aicpa')],
  ['assertions (PCAOB AS 1105)', (row) => each(row, 'pcaob')],
  ['key control', ({ key_control }) => (key_control ? 'yes' : 'no')],
  ['frequency', ({ frequency }) => frequency],
  ['owner', ({ owner }) => owner],
  ['reviewer', ({ reviewer }) => reviewer],
  ['codes', ({ codes }) => codes.join('; ')],
  ['cases', ({ cases }) => String(cases)],
  ['version', ({ version }) => version],
];

/** RFC 4180, for a spreadsheet; a cell never begins like a formula. */
export function matrixCsv(rows: readonly MatrixRow[]): string {
  const cell = (text: string): string => {
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  const lines = [
    csvColumns.map(([title]) => cell(title)),
    ...rows.map((row) => csvColumns.map(([, value]) => cell(value(row)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** The assertions of a control with both names, one a line. */
export const assertionLines = ({ assertions }: MatrixRow): string[] =>
  assertions.map(({ name, aicpa, pcaob }) => `${name} (AICPA: ${aicpa}; PCAOB: ${pcaob})`);
