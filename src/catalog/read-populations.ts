import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Dirent } from 'node:fs';
import { parameterUses } from '../core/bind-parameters';
import { sha256Hex } from '../core/canonical-json';
import type { Problem } from '../core/problem';
import type { LoadedPopulation } from './catalog';
import { composeQuery, placeReads, type PlacedText } from './composed-sql';
import { guardPopulation } from './guard-sql';
import type { SqlRefusal } from './sql-grammar';
import type { SqlSource } from './sql-vocabulary';
import { didYouMean } from './suggest';

/** A .sql file, with what is wrong in it. */
export interface ReadPopulation extends LoadedPopulation {
  /** How it stands in the query of another. */
  placed: PlacedText;
  problems: Problem[];
  sha256: string;
  /** From the catalogue's folder, with `/`. */
  path: string;
  /** Every population it reads, and those read by them; each stands after what it reads. */
  reads: readonly ReadPopulation[];
  /** Parameters of its own text, with their lines. */
  uses: { name: string; line: number }[];
}

export type Populations = ReadonlyMap<string, ReadPopulation>;

/** A path as its reader knows it: from the working directory when it lies inside. */
export function shown(file: string): string {
  const relative = path.relative(process.cwd(), path.resolve(file));
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative || '.';
}

const visible = (entry: Dirent): boolean => !entry.name.startsWith('.');

/** Names of the files in a folder, sorted; none where there is no such folder. */
export async function filesIn(dir: string): Promise<string[]> {
  if (!existsSync(dir)) return [];
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => visible(entry) && entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

/**
 * The .sql files of a folder of the catalogue, by population name. They may read each other, and
 * `shared` ones, as `populations.<name>`.
 */
export async function readPopulations(
  dir: string,
  folder: string,
  shared: Populations = new Map(),
): Promise<Populations> {
  const names = (await filesIn(path.join(dir, folder)))
    .filter((base) => base.endsWith('.sql'))
    .map((base) => base.slice(0, -'.sql'.length));
  const reading = new FolderOfPopulations(dir, folder, names, shared);
  for (const name of names) await reading.population(name, []);
  return reading.done;
}

class FolderOfPopulations {
  readonly done = new Map<string, ReadPopulation>();

  constructor(
    private readonly dir: string,
    private readonly folder: string,
    private readonly names: readonly string[],
    private readonly shared: Populations,
  ) {}

  /** `readers`: the populations that lead to this one, outermost first. */
  async population(name: string, readers: readonly string[]): Promise<ReadPopulation> {
    const known = this.done.get(name);
    if (known) return known;
    const base = `${name}.sql`;
    const file = shown(path.join(this.dir, this.folder, base));
    const bytes = await readFile(path.join(this.dir, this.folder, base));
    const sql = bytes.toString('utf8');
    const found = new Map<string, ReadPopulation>();
    const sourceOf = async (read: string): Promise<SqlSource | SqlRefusal> => {
      const population = await this.readBy([...readers, name], read);
      if ('message' in population) return population;
      found.set(read, population);
      return population.source;
    };
    const isShared = this.folder === 'populations';
    const guarded = await guardPopulation(sql, file, sourceOf, isShared);
    const of = isShared ? 'populations' : 'own';
    const placeOf = (read: string): string => found.get(read)?.placed.place ?? read;
    const text = placeReads(sql, guarded.reads, placeOf);
    const placed = { file, text, place: `${of}.${name}` };
    const reads = [...new Set([...found.values()].flatMap((one) => [...one.reads, one]))];
    const population: ReadPopulation = {
      ...{ name, file, sql, source: guarded.source, columns: guarded.columns, placed, reads },
      ...composeQuery(
        placed,
        reads.map((one) => one.placed),
      ),
      problems: [...guarded.problems, ...nameProblem(name, file)],
      relations: union([guarded, ...found.values()].map(({ relations }) => relations)).sort(),
      parameters: union([guarded, ...found.values()].map(({ parameters }) => parameters)),
      uses: parameterUses(sql),
      ...{ sha256: sha256Hex(bytes) },
      path: path.posix.join(this.folder.split(path.sep).join('/'), base),
    };
    this.done.set(name, population);
    return population;
  }

  /** Another population that the last of the readers names; or why it cannot be read. */
  private async readBy(
    readers: readonly string[],
    name: string,
  ): Promise<ReadPopulation | SqlRefusal> {
    if (readers.includes(name)) {
      const circle = [...readers.slice(readers.indexOf(name)), name].join(' → ');
      const message = `The population reads itself: ${circle}.`;
      return { message, remedy: 'Write what both need into a population that reads neither.' };
    }
    if (this.names.includes(name)) return this.population(name, readers);
    const known = [...new Set([...this.names, ...this.shared.keys()])];
    return (
      this.shared.get(name) ?? {
        message: `There is no population '${name}'.${didYouMean(name, known)}`,
        remedy: `Write ${name}.sql in this folder or in populations.`,
      }
    );
  }
}

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())];

const nameProblem = (name: string, file: string): Problem[] =>
  /^[a-z_][a-z0-9_]*$/.test(name)
    ? []
    : [
        {
          file,
          message: `'${name}' is not a plain population name.`,
          remedy: 'Rename the file in a-z, 0-9 and _.',
        },
      ];
