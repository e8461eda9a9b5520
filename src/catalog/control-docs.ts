import { describeRhythm, isTieOut, sidesOf, type Procedure } from '../core/control';
import type { LoadedControl } from './catalog';
import { assertionLines, matrixRow, type MatrixRow } from './control-matrix';

/** A page of docs/controls, from the folders alone. */
export interface ControlPage {
  /** File name in docs/controls. */
  file: string;
  text: string;
}

const generated =
  '<!-- Written by `npm run docs:controls` from the folders under controls/; change those. -->';

/** The matrix and a page per control; the same folders give the same bytes. */
export function controlPages(
  controls: readonly LoadedControl[],
  readmeOf: (control: LoadedControl) => string,
): ControlPage[] {
  return [
    { file: 'README.md', text: index(controls.map(matrixRow)) },
    ...controls.map((loaded) => ({
      file: `${loaded.control.id}.md`,
      text: page(loaded, readmeOf(loaded)),
    })),
  ];
}

/** A cell of a table: one line, and no bar that would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${titles.join(' | ')} |`,
  `| ${titles.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
];

function index(rows: readonly MatrixRow[]): string {
  const lines = table(
    ['control', 'process', 'risk', 'assertions', 'key', 'frequency', 'owner → reviewer', 'codes'],
    rows.map((row) => [
      `[${row.id}](${row.id}.md) ${row.title}`,
      row.process,
      row.risk,
      row.assertions.map(({ name }) => name).join(', '),
      row.key_control ? 'key' : '',
      row.frequency,
      `${row.owner} → ${row.reviewer}`,
      row.codes.map((code) => `\`${code}\``).join(' '),
    ]),
  );
  return [
    '# The risk-control matrix',
    '',
    generated,
    '',
    '`tieout controls list --csv` gives it to a spreadsheet, with the names that AICPA (AU-C 315)',
    'and PCAOB (AS 1105) have for each assertion.',
    '',
    ...lines,
    '',
  ].join('\n');
}

function page(loaded: LoadedControl, readme: string): string {
  const { control } = loaded;
  const row = matrixRow(loaded);
  const parameters = Object.entries(control.parameters);
  return [
    `# ${control.id} ${control.title}`,
    '',
    generated,
    '',
    `**Objective.** ${control.objective}`,
    '',
    `**Risk.** ${control.risk}`,
    '',
    ...table(
      ['', ''],
      [
        ['process', control.process],
        ['assertions', assertionLines(row).join('; ')],
        ['key control', row.key_control ? 'yes' : 'no'],
        ['frequency', describeRhythm(control)],
        ['owner', control.owner],
        ['reviewer', control.reviewer],
        ['cases', String(row.cases)],
      ],
    ),
    '',
    ...control.procedures.flatMap(procedureLines),
    ...(parameters.length > 0
      ? [
          '## Parameters',
          '',
          ...table(
            ['name', 'value'],
            parameters.map(([name, value]) => [`\`${name}\``, String(value)]),
          ),
          '',
        ]
      : []),
    '## Runbook',
    '',
    control.runbook.trim(),
    '',
    '## For the reviewer',
    '',
    readme.replace(/^# .*\n+/, '').trim(),
    '',
  ].join('\n');
}

function procedureLines(procedure: Procedure): string[] {
  const populations = sidesOf(procedure).map(({ side, ref }) => [
    side,
    ref.label,
    `\`${ref.population}\``,
    ref.empty_ok ? 'yes' : 'no',
  ]);
  const { amount } = procedure;
  const facts = [
    `Key: ${procedure.key.map((name) => `\`${name}\``).join(', ')}.`,
    ...(amount ? [`Amount: \`${amount.column}\` in \`${amount.currency}\`.`] : []),
    ...(isTieOut(procedure) ? tieOutFacts(procedure) : []),
  ];
  return [
    `## ${procedure.name}`,
    '',
    ...table(['side', 'population', 'SQL', 'may be empty'], populations),
    '',
    facts.join(' '),
    '',
    ...table(
      ['code', 'when', 'severity', 'in words'],
      procedure.findings.map(({ code, when, severity }) => [
        `\`${code}\``,
        `\`${cell(when)}\``,
        severity ?? 'by impact',
        procedure.explain[code] ?? '',
      ]),
    ),
    '',
  ];
}

function tieOutFacts(procedure: Extract<Procedure, { cardinality: string }>): string[] {
  const { tolerance } = procedure.amount ?? {};
  const allowed = [
    ...(tolerance?.minor_units !== undefined
      ? [`${tolerance.minor_units} minor units per ${tolerance.per}`]
      : []),
    ...(tolerance?.percent !== undefined ? [`${tolerance.percent} %`] : []),
  ];
  return [
    `Matched ${procedure.cardinality.replaceAll('_', ' ')}.`,
    ...(procedure.match
      ? [`Passes: ${procedure.match.passes.map(({ name }) => name).join(', ')}.`]
      : []),
    procedure.amount ? `Tolerance: ${allowed.join(' or ') || 'none'}.` : '',
    ...(procedure.timing
      ? [`Grace: ${procedure.timing.grace} from \`${procedure.timing.from}\`.`]
      : []),
  ].filter((text) => text !== '');
}
