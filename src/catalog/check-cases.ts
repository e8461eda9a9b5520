import * as path from 'node:path';
import { periodOf } from '../core/calendar';
import { caseSchema, type ControlCase } from '../core/case';
import { codePrefix, isTieOut, periodLength, type Control } from '../core/control';
import { addAmounts, compareAmounts } from '../core/money';
import { plannedFindings } from '../core/plan';
import type { Problem } from '../core/problem';
import { didYouMean } from './suggest';
import { YamlFile } from './yaml-file';

/** Reads one case file; null, with the reasons among the problems, when it is not a case. */
export function parseCase(file: string, text: string, problems: Problem[]): ControlCase | null {
  return YamlFile.parse(file, text, problems)?.read(caseSchema, problems) ?? null;
}

export interface CaseFile {
  file: string;
  text: string;
}

/**
 * Everything wrong with the cases of a control: each must fit it, one must be clean, and each
 * finding code needs one that expects it (STYLE §5). `relations` are those its
 * populations read, when that is known.
 */
export function checkCases(
  control: Control,
  folder: string,
  cases: readonly CaseFile[],
  relations: ReadonlySet<string> | null,
): Problem[] {
  const problems: Problem[] = [];
  const read: ControlCase[] = [];
  for (const { file, text } of cases) {
    const yaml = YamlFile.parse(file, text, problems);
    const value = yaml?.read(caseSchema, problems) ?? null;
    if (!yaml || !value) continue;
    const add = (at: (string | number)[], message: string, remedy: string): void => {
      problems.push(yaml.problem(at, message, remedy));
    };
    if (read.some((other) => other.name === value.name))
      add(['name'], 'is the name of another case too.', 'Say what is different here.');
    read.push(value);
    checkPlace(control, value, add);
    if (relations) checkGiven(value, relations, add);
    checkExpected(control, value, add);
    checkStatement(control, value, add);
  }
  const unreadable = problems.length > 0 && read.length < cases.length;
  return unreadable ? problems : [...problems, ...missingCases(control, folder, read)];
}

type Add = (at: (string | number)[], message: string, remedy: string) => void;

function checkPlace(control: Control, { period, parameters = {} }: ControlCase, add: Add): void {
  try {
    periodOf(periodLength(control), period);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    add(['period'], `${cause.message}.`, 'Use a period of the frequency of the control.');
  }
  const known = Object.keys(control.parameters);
  for (const name of Object.keys(parameters))
    if (!known.includes(name))
      add(
        ['parameters', name],
        `is not a parameter of ${control.id}.${didYouMean(name, known)}`,
        'Declare it in control.yaml, or remove it.',
      );
}

function checkGiven({ given }: ControlCase, relations: ReadonlySet<string>, add: Add): void {
  for (const relation of Object.keys(given))
    if (!relations.has(relation))
      add(
        ['given', relation],
        `No population of the control reads it.${didYouMean(relation, relations)}`,
        `Give rows of ${[...relations].sort().join(', ')}.`,
      );
}

function checkExpected(control: Control, { expect }: ControlCase, add: Add): void {
  const found = expect.findings.length > 0;
  if (found !== (expect.outcome === 'exceptions'))
    add(
      ['expect', 'outcome'],
      `is ${expect.outcome}, with ${expect.findings.length} findings.`,
      'Expect exceptions when there are findings, and only then.',
    );
  // Also codes that nobody has to declare: repeated keys, other currencies.
  const planned = control.procedures.map((procedure) => ({
    key: procedure.key,
    codes: plannedFindings(procedure, codePrefix(control.id)).map((finding) => finding.code),
  }));
  const codes = planned.flatMap((procedure) => procedure.codes);
  expect.findings.forEach(({ code, key }, i) => {
    const at = ['expect', 'findings', i];
    const keys = planned.filter((procedure) => procedure.codes.includes(code)).map((p) => p.key);
    if (keys.length === 0) {
      const message = `'${code}' is not a finding of ${control.id}.${didYouMean(code, codes)}`;
      add([...at, 'code'], message, 'Use a code of control.yaml.');
      return;
    }
    const given = Object.keys(key).sort().join(', ');
    if (keys.some((columns) => [...columns].sort().join(', ') === given)) return;
    add(
      [...at, 'key'],
      `names ${given || 'no column'}; the key is ${keys.map((k) => k.join(', ')).join(' or ')}.`,
      'Name exactly the columns of the key.',
    );
  });
}

/** An expected statement must itself foot, or it can never be met. */
function checkStatement(control: Control, { expect }: ControlCase, add: Add): void {
  for (const [name, currencies] of Object.entries(expect.statement ?? {})) {
    const procedure = control.procedures.find((candidate) => candidate.name === name);
    if (!procedure) {
      const names = control.procedures.map((candidate) => candidate.name).join(', ');
      add(['expect', 'statement', name], `is not a procedure of ${control.id}.`, `Use ${names}.`);
      continue;
    }
    for (const [currency, { left, right, ...between }] of Object.entries(currencies)) {
      const total = Object.values(between).reduce(addAmounts, left);
      if (isTieOut(procedure) && compareAmounts(total, right) !== 0)
        add(
          ['expect', 'statement', name, currency],
          `does not foot: its lines lead to ${total}, and right is ${right}.`,
          'Correct it, so that left + tolerance + timing + reconciling + exception = right.',
        );
    }
  }
}

function missingCases(control: Control, folder: string, cases: readonly ControlCase[]): Problem[] {
  const file = path.join(folder, 'cases');
  const problems: Problem[] = [];
  const clean = cases.some(({ expect }) => expect.outcome === 'passed');
  if (!clean)
    problems.push({
      file,
      message: 'No case is clean.',
      remedy: 'Add one that looks like each finding without being one, and expects passed.',
    });
  const expected = new Set(cases.flatMap(({ expect }) => expect.findings.map(({ code }) => code)));
  for (const { code } of control.procedures.flatMap(({ findings }) => findings))
    if (!expected.has(code))
      problems.push({
        file,
        field: code,
        message: `No case expects ${code}.`,
        remedy: `Add a case whose rows give ${code}.`,
      });
  return problems;
}
