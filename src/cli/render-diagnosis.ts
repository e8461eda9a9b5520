import type { Diagnosis } from './doctor/diagnosis';
import { indent, padRight, printable, wrapText, type Page } from './text-layout';

const nameWidth = 15;

/** '✓ database       embedded Postgres 18 in …', and below it what to do. */
export function renderDiagnosis(one: Diagnosis, { width, paint }: Page): string[] {
  const sign = { ok: paint.good('✓'), warn: paint.warn('!'), fail: paint.bad('✗') }[one.status];
  const room = width - nameWidth - 2;
  const [first = '', ...rest] = wrapText(printable(one.message), room);
  const remedy = one.remedy === null ? [] : wrapText(`→ ${printable(one.remedy)}`, room);
  return [
    `${sign} ${padRight(one.about, nameWidth - 1)} ${first}`,
    ...indent([...rest, ...remedy], nameWidth + 2),
  ];
}
