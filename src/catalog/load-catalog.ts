import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Dirent } from 'node:fs';
import { builtInParameters } from '../core/bind-parameters';
import { canonicalJson, sha256Hex, type Json } from '../core/canonical-json';
import { controlSchema, sidesOf, type Control } from '../core/control';
import type { Problem } from '../core/problem';
import type { Catalog, LoadedControl, LoadedPopulation } from './catalog';
import { checkCases, type CaseFile } from './check-cases';
import { checkControl } from './check-control';
import {
  filesIn,
  readPopulations,
  shown,
  type Populations,
  type ReadPopulation,
} from './read-populations';
import { didYouMean } from './suggest';
import { YamlFile } from './yaml-file';

interface ReadControl {
  loaded: LoadedControl | null;
  /** As written, for what must be unique across folders; null when unreadable. */
  id: string | null;
  folder: string;
  used: ReadonlySet<string>;
  problems: Problem[];
}

/**
 * Reads every control under a folder: `populations/*.sql` are shared, `<process>/<ID>-<slug>/`
 * is one control. Returns the controls in which nothing is wrong, and everything wrong in the
 * others, at once. Reads files only; what a database must say is validateCatalog's part.
 * `withCases: false` asks for no cases: what is kept of a version has none.
 */
export async function loadCatalog(dir: string, { withCases = true } = {}): Promise<Catalog> {
  const problems: Problem[] = [];
  if (!existsSync(dir)) {
    const remedy = 'Create it, or set controls.path in tieout.yaml.';
    problems.push({ file: shown(dir), message: 'The folder of controls does not exist.', remedy });
    return { dir, controls: [], problems };
  }
  const shared = await readPopulations(dir, 'populations');
  const read: ReadControl[] = [];
  for (const process of await foldersIn(dir)) {
    if (process === 'populations') continue;
    for (const folder of await foldersIn(path.join(dir, process)))
      read.push(await readControl(dir, path.join(process, folder), shared, withCases));
  }
  const twice = duplicateIds(read);
  problems.push(...read.flatMap((control) => control.problems), ...twice.problems);
  const used = new Set(read.flatMap((control) => [...control.used]));
  for (const population of shared.values()) {
    problems.push(...population.problems);
    if (!used.has(population.file)) problems.push(unused(population.file));
  }
  const controls = read.flatMap(({ loaded }) =>
    loaded && !twice.ids.has(loaded.control.id) ? [loaded] : [],
  );
  controls.sort((a, b) => (a.control.id < b.control.id ? -1 : 1));
  return { dir, controls, problems: sorted(problems) };
}

const visible = (entry: Dirent): boolean => !entry.name.startsWith('.');

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => visible(entry) && entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function readControl(
  dir: string,
  folder: string,
  shared: Populations,
  withCases: boolean,
): Promise<ReadControl> {
  const process = path.dirname(folder);
  const name = path.basename(folder);
  const own = await readPopulations(dir, folder, shared);
  const problems = [...own.values()].flatMap((population) => population.problems);
  problems.push(...(await strayFiles(dir, folder)));
  const file = path.join(dir, folder, 'control.yaml');
  const base = { id: null, folder: shown(path.join(dir, folder)), used: new Set<string>() };
  if (!existsSync(file)) {
    const message = 'The folder has no control.yaml.';
    const remedy = 'Add it, or move the folder out of the controls.';
    problems.push({ file: base.folder, message, remedy });
    return { ...base, loaded: null, problems };
  }
  const bytes = await readFile(file);
  const yaml = YamlFile.parse(shown(file), bytes.toString('utf8'), problems);
  const control = yaml?.read(controlSchema, problems) ?? null;
  if (!yaml || !control) {
    // What it uses is unknown, so none of its own or the shared files can be called unused.
    return {
      ...base,
      used: new Set([...shared.values()].map((p) => p.file)),
      loaded: null,
      problems,
    };
  }
  const used = usedPopulations(control, own, shared);
  problems.push(...placeProblems(control, yaml, process, name));
  problems.push(...unknownPopulations(control, yaml, own, shared));
  problems.push(...listsAsPopulations(control, yaml, used));
  const all = withReads(Object.values(used));
  const paths = new Set(all.map((population) => population.file));
  for (const { file: sqlFile } of own.values())
    if (!paths.has(sqlFile)) problems.push(unused(sqlFile));
  const checked = await checkControl(control, yaml);
  problems.push(...checked.problems);
  problems.push(...parameterProblems(control, yaml, all, checked.parameters));
  const cases = await readCases(path.join(dir, folder, 'cases'));
  if (withCases)
    problems.push(...checkCases(control, base.folder, cases, relationsOf(control, used)));
  const sound = problems.length + all.flatMap((p) => p.problems).length === 0;
  const files = [
    { path: path.posix.join(process, name, 'control.yaml'), sha256: sha256Hex(bytes) },
    ...all.map(({ path, sha256 }) => ({ path, sha256 })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const loaded: LoadedControl = {
    control,
    folder: base.folder,
    version: versionOf(control, used, files),
    populations: Object.fromEntries(Object.values(used).map((p) => [p.name, withoutReading(p)])),
    files,
    cases: cases.map((found) => found.file),
  };
  return { ...base, id: control.id, used: paths, loaded: sound ? loaded : null, problems };
}

/** Populations with all that they read, each once. */
const withReads = (named: readonly ReadPopulation[]): ReadPopulation[] => [
  ...new Set(named.flatMap((population) => [...population.reads, population])),
];

/** What its populations read; null when that is not fully known. */
function relationsOf(
  control: Control,
  used: Record<string, ReadPopulation>,
): ReadonlySet<string> | null {
  const named = control.procedures.flatMap(sidesOf).map(({ ref }) => used[ref.population]);
  const isSound = (population: ReadPopulation): boolean => population.problems.length === 0;
  if (named.some((population) => !population || !withReads([population]).every(isSound)))
    return null;
  return new Set(named.flatMap((population) => population?.relations ?? []));
}

const withoutReading = (read: ReadPopulation): LoadedPopulation => ({
  name: read.name,
  file: read.file,
  sql: read.sql,
  query: read.query,
  parts: read.parts,
  source: read.source,
  relations: read.relations,
  columns: read.columns,
  parameters: read.parameters,
});

async function readCases(folder: string): Promise<CaseFile[]> {
  const cases: CaseFile[] = [];
  for (const base of await filesIn(folder)) {
    if (!base.endsWith('.yaml')) continue;
    const file = path.join(folder, base);
    cases.push({ file: shown(file), text: await readFile(file, 'utf8') });
  }
  return cases;
}

/** Files nobody would read: a `control.yml`, a query under another ending. */
async function strayFiles(dir: string, folder: string): Promise<Problem[]> {
  const known = (name: string): boolean =>
    /\.sql$/.test(name) || /^(control\.yaml|README\.md)$/.test(name);
  const stray = (await filesIn(path.join(dir, folder))).filter((name) => !known(name));
  const cases = path.join(folder, 'cases');
  const strayCases = (await filesIn(path.join(dir, cases))).filter((name) => !/\.yaml$/.test(name));
  const strayFolders = (await foldersIn(path.join(dir, folder))).filter((name) => name !== 'cases');
  return [
    ...[...stray, ...strayFolders].map((name) => path.join(folder, name)),
    ...strayCases.map((name) => path.join(cases, name)),
  ].map((file) => ({
    file: shown(path.join(dir, file)),
    message: 'This is not part of a control.',
    remedy: 'Keep control.yaml, *.sql, README.md and cases/*.yaml here; rename or remove it.',
  }));
}

/** The populations a control names: its own folder first, then the shared ones. */
function usedPopulations(
  control: Control,
  own: Populations,
  shared: Populations,
): Record<string, ReadPopulation> {
  // Without a prototype: a population may be named like one of its members.
  const used = Object.create(null) as Record<string, ReadPopulation>;
  for (const { ref } of control.procedures.flatMap(sidesOf)) {
    const found = own.get(ref.population) ?? shared.get(ref.population);
    if (found) used[ref.population] = found;
  }
  return used;
}

function unknownPopulations(
  control: Control,
  yaml: YamlFile,
  own: Populations,
  shared: Populations,
): Problem[] {
  return control.procedures.flatMap((procedure, i) =>
    sidesOf(procedure)
      .filter(({ ref }) => !own.has(ref.population) && !shared.has(ref.population))
      .map(({ side, ref }) =>
        yaml.problem(
          ['procedures', i, side, 'population'],
          `There is no population '${ref.population}'.` +
            didYouMean(ref.population, [...own.keys(), ...shared.keys()]),
          `Write ${ref.population}.sql in this folder or in populations.`,
        ),
      ),
  );
}

/** A population is of something that happened: a shared list that reads no table is of nothing. */
function listsAsPopulations(
  control: Control,
  yaml: YamlFile,
  used: Record<string, ReadPopulation>,
): Problem[] {
  return control.procedures.flatMap((procedure, i) =>
    sidesOf(procedure).flatMap(({ side, ref }) => {
      const population = used[ref.population];
      if (population?.relations.length !== 0) return [];
      if ([population, ...population.reads].some(({ problems }) => problems.length > 0)) return [];
      return yaml.problem(
        ['procedures', i, side, 'population'],
        `The population '${ref.population}' reads no table.`,
        'Read books.<table> or files.<dataset>.',
      );
    }),
  );
}

function placeProblems(
  control: Control,
  yaml: YamlFile,
  process: string,
  folder: string,
): Problem[] {
  const problems: Problem[] = [];
  const slug = folder.slice(control.id.length);
  if (!folder.startsWith(`${control.id}-`) || !/^-[a-z0-9]+(-[a-z0-9]+)*$/.test(slug))
    problems.push(
      yaml.problem(
        ['id'],
        `is ${control.id}, and the folder is ${folder}.`,
        `Name the folder ${control.id}-<the-good-state-in-words>.`,
      ),
    );
  if (control.process !== process)
    problems.push(
      yaml.problem(
        ['process'],
        `is ${control.process}, and the folder lies in ${process}.`,
        'Move the folder, or correct the process.',
      ),
    );
  return problems;
}

function parameterProblems(
  control: Control,
  yaml: YamlFile,
  used: readonly ReadPopulation[],
  inExpressions: readonly { name: string; at: readonly (string | number)[] }[],
): Problem[] {
  const own = Object.keys(control.parameters);
  const known = [...builtInParameters, ...own];
  const unknown = (name: string): [string, string] => [
    `:${name} is not a parameter.${didYouMean(name, known)}`,
    `Use ${known.map((one) => `:${one}`).join(', ')}, or declare it under parameters.`,
  ];
  const problems: Problem[] = [];
  for (const { uses, file } of used)
    for (const { name, line } of uses)
      if (!known.includes(name)) {
        const [message, remedy] = unknown(name);
        problems.push({ file, line, message, remedy });
      }
  for (const { name, at } of inExpressions)
    if (!known.includes(name)) problems.push(yaml.problem(at, ...unknown(name)));
  const names = new Set([
    ...used.flatMap((population) => population.parameters),
    ...inExpressions.map(({ name }) => name),
  ]);
  for (const name of own) {
    const at = ['parameters', name];
    if (builtInParameters.some((builtIn) => builtIn === name))
      problems.push(yaml.problem(at, 'is the name of a built-in parameter.', 'Rename it.'));
    else if (!names.has(name))
      problems.push(yaml.problem(at, 'is used nowhere.', `Use :${name}, or remove it.`));
  }
  return problems;
}

/** The version a run stores: same version, same verdict over the same rows (DESIGN §4). */
function versionOf(
  control: Control,
  used: Record<string, ReadPopulation>,
  files: { path: string; sha256: string }[],
): string {
  const populations = Object.fromEntries(Object.values(used).map(({ name, sql }) => [name, sql]));
  const content: unknown = JSON.parse(JSON.stringify({ control, populations, files }));
  return sha256Hex(canonicalJson(content as Json));
}

function duplicateIds(read: readonly ReadControl[]): { ids: Set<string>; problems: Problem[] } {
  const ids = new Set<string>();
  const problems: Problem[] = [];
  for (const { id, folder } of read) {
    const others = read.filter((other) => other.id === id && other.folder !== folder);
    if (id === null || others.length === 0) continue;
    ids.add(id);
    problems.push({
      file: path.join(folder, 'control.yaml'),
      field: 'id',
      message: `${id} is also the id of ${others.map((other) => other.folder).join(', ')}.`,
      remedy: 'Give one of them an id that was never used.',
    });
  }
  return { ids, problems };
}

const unused = (file: string): Problem => ({
  file,
  message: 'No control uses this population.',
  remedy: 'Name it in a procedure, or remove the file.',
});

/** By place, each once: a shared population is judged for every control that uses it. */
function sorted(problems: readonly Problem[]): Problem[] {
  const texts = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...texts.values()].sort(
    (a, b) => (a.file ?? '').localeCompare(b.file ?? '') || (a.line ?? 0) - (b.line ?? 0),
  );
}
