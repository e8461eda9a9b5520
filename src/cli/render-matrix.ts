import { assertionLines, type MatrixRow } from '../catalog/control-matrix';
import { counted, padRight, wrapText, type Page } from './text-layout';

const labelWidth = 12;

/** The risk-control matrix by process: what could go wrong, what answers it, and who. */
export function renderMatrix(rows: readonly MatrixRow[], page: Page): string[] {
  const processes = [...new Set(rows.map(({ process }) => process))];
  const keys = rows.filter((row) => row.key_control).length;
  return [
    ...processes.flatMap((process) => [
      page.paint.strong(process.toUpperCase()),
      '',
      ...rows.filter((row) => row.process === process).flatMap((row) => block(row, page)),
    ]),
    `${counted(rows.length, 'control')}, ${keys} of them key.`,
  ];
}

function block(row: MatrixRow, { width, paint }: Page): string[] {
  const field = (label: string, texts: readonly string[]): string[] =>
    texts
      .flatMap((text) => wrapText(text, width - labelWidth - 2))
      .map((line, i) => `  ${paint.faint(padRight(i === 0 ? label : '', labelWidth))}${line}`);
  const key = row.key_control ? 'key control' : 'not key';
  return [
    `${paint.strong(row.id)}  ${row.title}`,
    ...field('risk', [row.risk]),
    ...field('assertions', assertionLines(row)),
    ...field('performed', [`${row.frequency}, ${key}`]),
    ...field('by', [`${row.owner}, reviewed by ${row.reviewer}`]),
    ...field('finds', [row.codes.join(' ')]),
    ...field('version', [`${row.version.slice(0, 12)}, ${counted(row.cases, 'case')}`]),
    '',
  ];
}
