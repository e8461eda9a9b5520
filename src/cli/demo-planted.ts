import type { Knex } from 'knex';
import type { Catalog } from '../catalog/catalog';
import { readTruth, standsAt, type FoundAt } from '../sandbox/northwind/read-truth';
import { customerInjections, companyInjections } from '../sandbox/world/injections';
import { demoWish } from '../sandbox/northwind/demo-wish';

/** A problem that was planted into the company, and what became of it. */
export interface Planted {
  injection: string;
  title: string;
  /** Codes that were expected, found first. */
  codes: { code: string; isFound: boolean }[];
}

/** What was planted and became of it, and what a control found where nothing was planted. */
export interface Found {
  planted: Planted[];
  unplanned: { control: string; findings: number }[];
}

/** Holds what the controls found against what was planted for them. */
export async function plantedAndFound(
  app: Knex,
  folder: string,
  { controls }: Pick<Catalog, 'controls'>,
): Promise<Found> {
  const { rows } = await app.raw<{ rows: FoundRow[] }>(foundSql);
  const { expected } = readTruth(folder);
  const known = new Set(controls.map(({ control }) => control.id));
  const planted = new Map<string, Planted>();
  for (const one of expected) {
    if (!known.has(one.control)) continue;
    const { injection, code, key } = one;
    const entry = planted.get(injection) ?? { injection, title: titleOf(injection), codes: [] };
    planted.set(injection, entry);
    const isFound = rows.some((row) => row.code === code && standsAt(row, key));
    entry.codes.push({ code, isFound });
  }
  const unplanned = new Map<string, number>();
  for (const row of rows)
    if (!expected.some(({ key }) => standsAt(row, key)))
      unplanned.set(row.control, (unplanned.get(row.control) ?? 0) + 1);
  return {
    planted: demoWish.injections.flatMap((id) => planted.get(id) ?? []),
    unplanned: [...unplanned].map(([control, findings]) => ({ control, findings })),
  };
}

type FoundRow = FoundAt & { control: string; code: string };

const titleOf = (id: string): string =>
  [...customerInjections, ...companyInjections].find((one) => one.id === id)?.title ?? id;

const foundSql = `
  select e.control_id as control, e.code, e.key, array(
    select distinct split_part(item ->> 'source_ref', ':', 3)
    from tieout.exception_events v,
      jsonb_array_elements(coalesce(v.left_items, '[]') || coalesce(v.right_items, '[]')) item
    where v.exception_id = e.exception_id and item ->> 'source_ref' is not null) as records
  from tieout.exceptions e where e.state <> 'cleared'
  order by e.control_id`;
