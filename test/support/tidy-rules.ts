import { parse } from 'yaml';
import type { TextFile } from './source-tree';

/** A rule of the house style that lint cannot see; gives one sentence per breach, located. */
export type TidyRule = (files: readonly TextFile[]) => string[];

const code = /^(src|web|test|scripts|bin)\/.*\.([cm]?[jt]s|tsx)$/;
/** Written by a program. */
const generated = new Set(['web/api/schema.d.ts']);
const typescript = /^(src|web|test)\/.*\.tsx?$/;
const controlFile = /^controls\/[^/]+\/([^/]+)\/control\.yaml$/;

/** The rules quote what they forbid. */
const ownFiles = new Set(['test/tidy.spec.ts', 'test/support/tidy-rules.ts']);

function* linesOf(file: TextFile): Generator<{ at: string; line: string }> {
  for (const [index, line] of file.text.split('\n').entries())
    yield { at: `${file.path}:${index + 1}`, line };
}

function matching(files: readonly TextFile[], name: RegExp): TextFile[] {
  return files.filter((file) => name.test(file.path) && !generated.has(file.path));
}

/** SQL with comments and string literals blanked out; line numbers stay. */
function withoutProse(sql: string): string {
  const prose = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g;
  return sql.replace(prose, (found) => found.replace(/[^\n]/g, ' '));
}

function sqlLines(files: readonly TextFile[], name: RegExp): { at: string; line: string }[] {
  return matching(files, name).flatMap((file) => [
    ...linesOf({ path: file.path, text: withoutProse(file.text) }),
  ]);
}

/** Every `when` and `impact` of a control, with the code of its finding. */
function expressionsOf(value: unknown): { label: string; sql: string }[] {
  if (Array.isArray(value)) return value.flatMap(expressionsOf);
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Record<string, unknown>;
  const own = [fields['when'], fields['impact']].filter((sql) => typeof sql === 'string');
  const label = typeof fields['code'] === 'string' ? fields['code'] : 'finding';
  return [
    ...own.map((sql) => ({ label, sql })),
    ...Object.values(fields).flatMap((field) => expressionsOf(field)),
  ];
}

export const noBetween: TidyRule = (files) => {
  const remedy = 'BETWEEN counts a boundary twice; write >= and <';
  const between = /\bbetween\b/i;
  const inSql = sqlLines(files, /\.sql$/)
    .filter(({ line }) => between.test(line))
    .map(({ at }) => `${at}: ${remedy}`);
  const inControls = matching(files, controlFile).flatMap((file) =>
    expressionsOf(parse(file.text))
      .filter(({ sql }) => between.test(withoutProse(sql)))
      .map(({ label }) => `${file.path}: ${label}: ${remedy}`),
  );
  return [...inSql, ...inControls];
};

const columnTypes: readonly [RegExp, string][] = [
  [/\b(real|double\s+precision|float\d*)\b/i, 'binary floats lose cents; use numeric(24,6)'],
  [/\bmoney\b(?!\s*\()/i, 'money depends on the locale; use numeric(24,6)'],
  [
    /\btimestamp\b(?!\s*(\(\d\)\s*)?with\s+time\s+zone)/i,
    'timestamp without time zone is no instant; use timestamptz',
  ],
  [/\b(varchar|character\s+varying|char)\s*\(/i, 'use text with a check'],
  [/\b(small|big)?serial\b/i, 'use generated always as identity'],
];

export const migrationTypes: TidyRule = (files) =>
  sqlLines(files, /^migrations\//).flatMap(({ at, line }) =>
    columnTypes.filter(([type]) => type.test(line)).map(([, remedy]) => `${at}: ${remedy}`),
  );

export const migrationNumbers: TidyRule = (files) =>
  matching(files, /^migrations\/[^/]+\.sql$/).flatMap((file, index) => {
    const expected = `migrations/${String(index + 1).padStart(4, '0')}_`;
    const named = file.path.startsWith(expected) && /_[a-z0-9_]+\.sql$/.test(file.path);
    return named ? [] : [`${file.path}: expected ${expected}<snake_case>.sql, without a gap`];
  });

/** The finding codes that a case expects. */
function expectedCodes(file: TextFile): string[] {
  const { expect } = parse(file.text) as { expect: { findings: { code: string }[] } };
  return expect.findings.map((finding) => finding.code);
}

/** One clean case, and every finding code expected by some case. */
export const controlsHaveCases: TidyRule = (files) =>
  matching(files, controlFile).flatMap((control) => {
    const folder = control.path.replace(/control\.yaml$/, 'cases/');
    const cases = files.filter((file) => file.path.startsWith(folder)).map(expectedCodes);
    const codes = new Set(expressionsOf(parse(control.text)).map(({ label }) => label));
    const untested = [...codes].filter((code) => !cases.flat().includes(code));
    const clean = cases.some((expected) => expected.length === 0);
    return [
      ...untested.map((code) => `${control.path}: no case expects ${code}`),
      ...(clean ? [] : [`${control.path}: no clean case`]),
    ];
  });

export const controlFolderNames: TidyRule = (files) =>
  matching(files, controlFile).flatMap(({ path }) =>
    /^controls\/[a-z0-9-]+\/[A-Z]{2,5}-\d{2,3}-[a-z0-9]+(-[a-z0-9]+)*\//.test(path)
      ? []
      : [`${path}: the folder must be named like BK-01-slug, in a kebab-case process folder`],
  );

export const fileSize: TidyRule = (files) =>
  matching(files, code).flatMap((file) => {
    const lines = file.text.replace(/\n$/, '').split('\n').length;
    return lines > 400 ? [`${file.path}: ${lines} lines; 400 is the limit`] : [];
  });

export const lineLength: TidyRule = (files) =>
  matching(files, code).flatMap((file) =>
    [...linesOf(file)]
      .filter(({ line }) => line.length > 100)
      .map(({ at, line }) => `${at}: ${line.length} characters; 100 is the limit`),
  );

export const kebabCaseNames: TidyRule = (files) =>
  matching(files, /^(src|web|test|scripts|bin)\//)
    .filter(
      ({ path }) => !path.split('/').every((part) => /^[a-z0-9]+([-.][a-z0-9]+)*$/.test(part)),
    )
    .map(({ path }) => `${path}: names are kebab-case`);

export const noBarrels: TidyRule = (files) =>
  matching(files, /(^src|^web|^test)\/(.*\/)?index\.tsx?$/).map(
    ({ path }) => `${path}: import from the file itself, not from an index`,
  );

export const finishedWork: TidyRule = (files) => {
  const unfinished =
    /TODO(?!\(#\d+\))|FIXME|\bXXX\b|not implemented|\bplaceholder\b(?!=)|coming soon/;
  return matching(files, /^(src|web|test|controls|migrations|scripts|bin|docker)\//)
    .filter((file) => !ownFiles.has(file.path))
    .flatMap((file) => [...linesOf(file)])
    .filter(({ line }) => unfinished.test(line))
    .map(({ at }) => `${at}: finish it, or name the issue: TODO(#12)`);
};

export const typeHoles: TidyRule = (files) =>
  matching(files, typescript)
    .filter((file) => !ownFiles.has(file.path))
    .flatMap((file) => [...linesOf(file)])
    .filter(({ line }) => /@ts-(ignore|expect-error|nocheck)|eslint-disable/.test(line))
    .map(({ at }) => `${at}: mend the type or the rule instead of silencing it`);

/** The tree speaks about the product, not about how its text came to be. */
export const aboutTheProduct: TidyRule = (files) => {
  const others = [
    /\b(AI|LLMs?|GPT)\b/,
    /\b(assistants?|chatbots?|co-authored-by)\b/i,
    /\b(earlier|previous|later) sessions?\b/i,
  ];
  return files
    .filter((file) => !ownFiles.has(file.path))
    .flatMap((file) => [...linesOf(file)])
    .filter(({ line }) => others.some((other) => other.test(line)))
    .map(({ at }) => `${at}: write about the product only`);
};

export const architectureIsShort: TidyRule = (files) =>
  matching(files, /^ARCHITECTURE\.md$/)
    .filter((file) => file.text.split('\n').length > 150)
    .map((file) => `${file.path}: must stay under 150 lines`);

export const readmeShowsCommands: TidyRule = (files) => {
  const readme = files.find((file) => file.path === 'README.md')?.text ?? '';
  return ['npm ci && npm run demo', 'npm ci && npm test']
    .filter((command) => !readme.includes(command))
    .map((command) => `README.md: does not show '${command}'`);
};
