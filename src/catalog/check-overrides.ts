import { readFileSync } from 'node:fs';
import { builtInParameters, parameterValueOf } from '../core/bind-parameters';
import type { Control } from '../core/control';
import type { Problem } from '../core/problem';
import type { Config, EntityConfig } from '../platform/config';
import type { LoadedControl } from './catalog';
import { didYouMean } from './suggest';
import { YamlFile } from './yaml-file';

type Path = readonly (string | number)[];

/** What an entity sets for a control in tieout.yaml: `{ discount_floor: "20.00" }`. */
export const overridesOf = (entity: EntityConfig, controlId: string): Control['parameters'] =>
  Object.hasOwn(entity.parameters, controlId) ? (entity.parameters[controlId] ?? {}) : {};

/** Why a value cannot take the place of a declared one; null when it can. */
export function overrideProblem(
  { id, parameters }: Control,
  name: string,
  value: string | number | boolean,
): { message: string; remedy: string } | null {
  const declared = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (declared === undefined) {
    const known = Object.keys(parameters);
    const builtIn = builtInParameters.some((one) => one === name);
    return {
      message: `is not a parameter of ${id}.${didYouMean(name, known)}`,
      remedy: builtIn
        ? 'The run itself gives it; remove this.'
        : `Use ${known.join(', ') || 'none: it has no parameters'}, or remove this.`,
    };
  }
  const [own, given] = [parameterValueOf(declared), parameterValueOf(value)];
  if (/[\0\n\r]/.test(given.value))
    return { message: 'holds a line break.', remedy: 'Write it on one line.' };
  if (own.type === given.type) return null;
  return {
    message: `is ${given.type}, and ${id} declares it as ${own.type} (${own.value}).`,
    remedy: `Write it in the form of ${JSON.stringify(declared)}.`,
  };
}

/**
 * Holds what tieout.yaml sets for entities against what the controls declare. A control that any
 * entity sets wrongly is not among the sound ones: it would run by other rules than were meant.
 */
export function checkOverrides(
  { entities, file }: Pick<Config, 'entities' | 'file'>,
  controls: readonly LoadedControl[],
  /** Some controls may not be among these because something else is wrong with them. */
  incomplete: boolean,
): { problems: Problem[]; wrong: string[] } {
  const problems: Problem[] = [];
  const wrong = new Set<string>();
  if (entities.every(({ parameters }) => Object.keys(parameters).length === 0))
    return { problems, wrong: [] };
  const yaml = YamlFile.parse(file, readFileSync(file, 'utf8'), problems);
  const add = (at: Path, { message, remedy }: { message: string; remedy: string }): void => {
    if (yaml) problems.push({ ...yaml.problem(at, message, remedy), field: at.join('.') });
  };
  const ids = controls.map(({ control }) => control.id);
  for (const [i, entity] of entities.entries())
    for (const id of Object.keys(entity.parameters)) {
      const at = ['entities', i, 'parameters', id];
      const control = controls.find((loaded) => loaded.control.id === id)?.control;
      if (!control && !incomplete)
        add(at, {
          message: `There is no control ${id}.${didYouMean(id, ids)}`,
          remedy: 'Correct the id, or remove it.',
        });
      if (!control) continue;
      for (const [name, value] of Object.entries(overridesOf(entity, id))) {
        const problem = overrideProblem(control, name, value);
        if (problem === null) continue;
        add([...at, name], problem);
        wrong.add(id);
      }
    }
  return { problems, wrong: [...wrong] };
}
