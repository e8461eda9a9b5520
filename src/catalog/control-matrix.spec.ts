import { controlSchema } from '../core/control';
import type { LoadedControl } from './catalog';
import { assertionLines, matrixCsv, matrixRow } from './control-matrix';

const control = controlSchema.parse({
  ...{ id: 'BK-01', title: 'Deals, "won", become orders', process: 'bookings', runbook: 'r' },
  ...{ objective: '=SUM(A1)', risk: 'A deal\nis lost.', key_control: true, frequency: 'daily' },
  ...{ owner: 'deal-desk', reviewer: 'revenue', assertions: ['completeness', 'cut_off'] },
  procedures: [
    {
      name: 'tie',
      left: { population: 'l', label: 'L' },
      right: { population: 'r', label: 'R' },
      ...{ key: ['id'], cardinality: 'one_to_one' },
      findings: [
        { code: 'BK01-LEFT', when: 'left_only' },
        { code: 'BK01-RIGHT', when: 'right_only' },
      ],
    },
  ],
});
const loaded = { control, cases: ['a', 'b'], version: 'f'.repeat(64) } as unknown as LoadedControl;

test('a line of the matrix has both names of each assertion and every declared code', () => {
  const row = matrixRow(loaded);
  expect(row.codes).toEqual(['BK01-LEFT', 'BK01-RIGHT']);
  expect(assertionLines(row)).toEqual([
    'completeness (AICPA: Completeness; PCAOB: Completeness)',
    'cut-off (AICPA: Cutoff; PCAOB: Existence or occurrence; Completeness)',
  ]);
});

test('a spreadsheet reads it: quotes doubled, lines within a cell, no formula', () => {
  const [titles, ...rest] = matrixCsv([matrixRow(loaded)]).split('\r\n');
  expect(titles).toMatch(/^control,title,process,objective,risk,assertions,assertions \(AICPA/);
  expect(rest.join('\r\n')).toBe(
    `BK-01,"Deals, ""won"", become orders",bookings,'=SUM(A1),"A deal\nis lost.",` +
      'completeness; cut-off,Completeness; Cutoff,' +
      'Completeness; Existence or occurrence; Completeness,yes,daily,deal-desk,revenue,' +
      `BK01-LEFT; BK01-RIGHT,2,${'f'.repeat(64)}\r\n`,
  );
});
