import { isTieOut, type Procedure, type Side, type TieOut } from '../core/control';
import { matchColumns } from '../core/plan-match';
import type { ColumnType } from '../platform/config';

/** What is wrong with one matching pass, beyond its form. */
export interface PassProblem {
  field: string;
  message: string;
  remedy: string;
}

export function passProblems(procedure: TieOut, index: number): PassProblem[] {
  const passes = procedure.match?.passes ?? [];
  const pass = passes[index];
  if (!pass) return [];
  const problems: PassProblem[] = [];
  const add = (field: string, message: string, remedy: string): void => {
    problems.push({ field, message, remedy });
  };
  if (passes.findIndex(({ name }) => name === pass.name) < index)
    add('name', `'${pass.name}' is used twice.`, 'Rename one of them.');
  const { cardinality } = procedure;
  if (pass.many === 'left' && !cardinality.startsWith('many_to'))
    add('many', `is left, and ${cardinality} allows one there.`, 'Declare many_to_one.');
  if (pass.many === 'right' && !cardinality.endsWith('to_many'))
    add('many', `is right, and ${cardinality} allows one there.`, 'Declare one_to_many.');
  if (pass.whole && (!pass.many || !procedure.amount))
    add('whole', 'needs many, and an amount to add up.', 'Declare both, or remove it.');
  return problems;
}

/** Columns that the passes of a procedure read by name, with the type they must have. */
export function passColumns(
  procedure: Procedure,
): { side: Side; name: string; at: (string | number)[]; type?: ColumnType }[] {
  const passes = (isTieOut(procedure) ? procedure.match?.passes : undefined) ?? [];
  return passes.flatMap((pass, i) => {
    const at = ['match', 'passes', i];
    const { within } = pass;
    const dates = within
      ? (['left', 'right'] as const).map((side) => ({
          ...{ side, name: within[side], at: [...at, 'within', side] },
          type: 'date' as const,
        }))
      : [];
    const equal = matchColumns(pass).flatMap((name) =>
      (['left', 'right'] as const).map((side) => ({
        ...{ side, name, at: [...at, 'on', pass.on.indexOf(name)] },
      })),
    );
    return [...equal, ...dates];
  });
}

/** Columns that must be of one type on both sides. */
export function pairedColumns(procedure: Procedure): { name: string; at: (string | number)[] }[] {
  const passes = (isTieOut(procedure) ? procedure.match?.passes : undefined) ?? [];
  return [
    ...procedure.key.map((name, i) => ({ name, at: ['key', i] })),
    ...passes.flatMap((pass, i) =>
      matchColumns(pass).map((name) => ({
        ...{ name, at: ['match', 'passes', i, 'on', pass.on.indexOf(name)] },
      })),
    ),
  ];
}
