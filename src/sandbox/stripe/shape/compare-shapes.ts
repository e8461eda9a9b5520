import type { FieldShapes } from './field-shapes';

const concrete = (types: readonly string[] | undefined): string[] =>
  (types ?? []).filter((type) => type !== 'null');

/** The path without its last step; '' at the top. */
function parentOf(path: string): string {
  if (path.endsWith('[]')) return path.slice(0, -2);
  const dot = path.lastIndexOf('.');
  return dot < 0 ? '' : path.slice(0, dot);
}

/**
 * Fields that real objects have and ours lack, or have with another JSON type, as
 * 'invoice.rendering: real object, ours string'. A field below one that ours never has, or has only
 * as null or as the id of what could be expanded, is no difference of its own.
 */
export function compareShapes(real: FieldShapes, ours: FieldShapes): string[] {
  const differences: string[] = [];
  for (const [kind, fields] of Object.entries(real)) {
    const own = ours[kind];
    if (own === undefined) continue;
    for (const [path, types] of Object.entries(fields)) {
      const parent = parentOf(path);
      const parentTypes = own[parent];
      const within = path.endsWith('[]') ? 'array' : 'object';
      if (parent !== '' && !(parentTypes ?? []).includes(within)) continue;
      const has = own[path];
      if (has === undefined) {
        if (!path.endsWith('[]')) differences.push(`${kind}.${path}: lacking`);
        continue;
      }
      const [there, here] = [concrete(types), concrete(has)];
      const strange = here.filter((type) => !there.includes(type));
      if (there.length > 0 && strange.length > 0)
        differences.push(`${kind}.${path}: real ${there.join('|')}, ours ${strange.join('|')}`);
    }
  }
  return differences;
}
