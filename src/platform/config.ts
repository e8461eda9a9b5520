import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { InvalidInput, type Problem } from '../core/problem';
import { weekdays } from '../core/calendar';
import { blockingSeverities } from '../core/signoff';
import { checkOidc, oidcSchema, type OidcConfig } from './oidc-config';
import { currency, date, sourcesSchema, timeZone, type SourcesConfig } from './source-config';

export { columnTypes, type ColumnType, type DatasetConfig } from './source-config';

const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'must be a decimal in quotes, such as "5000"');

const entitySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/, 'must be kebab-case'),
  name: z.string().min(1),
  currency,
  time_zone: timeZone,
  calendar: z.string().min(1),
  materiality: z
    .record(currency, z.strictObject({ high: decimal, medium: decimal }))
    .default({})
    .describe('Smallest impact per item that is high, or medium, by currency.'),
  parameters: z
    .record(
      z.string().regex(/^[A-Z]{2,5}-\d{2,3}$/, 'must be the id of a control, such as BK-05'),
      z.record(
        z.string().regex(/^[a-z_][a-z0-9_]*$/, 'must be a lower-case parameter name'),
        z.union([z.string(), z.int(), z.boolean()]),
      ),
    )
    .default({})
    .describe('By control: parameters of its own that have another value here.'),
});

export const configFileSchema = z
  .strictObject({
    entities: z.array(entitySchema).min(1),
    calendars: z.record(
      z.string(),
      z.strictObject({
        weekend: z.array(z.enum(weekdays)).default(['saturday', 'sunday']),
        holidays: z.array(date).default([]),
      }),
    ),
    sources: sourcesSchema,
    controls: z
      .strictObject({
        path: z.string().default('controls'),
        schedule: z
          .strictObject({ since: date })
          .optional()
          .describe('Run every period that ended after this date; absent: only on request.'),
      })
      .default({ path: 'controls' }),
    slack: z
      .strictObject({
        channel: z.string().min(1).describe('Channel id, such as C0123456789.'),
        token: z.string().min(1).optional(),
        api_url: z.url().optional().describe('Only for a stand-in; Slack itself when absent.'),
      })
      .optional(),
    server: z
      .strictObject({
        host: z.string().default('127.0.0.1'),
        port: z.int().min(0).max(65535).default(8080),
        public_url: z.url().optional().describe('Where people reach this server; used in links.'),
      })
      .default({ host: '127.0.0.1', port: 8080 }),
    signoff: z
      .strictObject({
        blocked_from: z
          .enum(blockingSeverities)
          .default('medium')
          .describe('Unsettled exceptions of this severity or a graver one block a sign-off.'),
      })
      .prefault({}),
    access: z
      .strictObject({
        session: z
          .strictObject({
            idle_minutes: z.int().min(5).max(480).default(30),
            absolute_hours: z.int().min(1).max(24).default(12),
          })
          .prefault({}),
        oidc: oidcSchema.optional(),
      })
      .prefault({}),
    data_dir: z.string().default('data'),
    limits: z
      .strictObject({
        population_rows: z.int().positive().default(200_000_000),
        findings: z.int().positive().default(1_000_000),
        items_per_finding: z.int().positive().default(50),
        statement_timeout_s: z.int().positive().default(1800),
        evaluate_timeout_s: z.int().positive().default(1800),
        duckdb_memory_mb: z.int().min(64).default(240),
        duckdb_threads: z.int().min(1).default(2),
      })
      .prefault({}),
  })
  .check(crossChecks);

export type ConfigFile = z.infer<typeof configFileSchema>;
export type EntityConfig = z.infer<typeof entitySchema>;
export type Limits = ConfigFile['limits'];

const environmentSchema = z.object({
  DATABASE_URL: z.string().optional(),
  DATABASE_OWNER_URL: z.string().optional(),
  DATABASE_READER_URL: z.string().optional(),
  TIEOUT_LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).optional(),
});

/** The part of a configuration that populations of files are read by. */
export interface DeclaredFiles {
  sources: Pick<SourcesConfig, 'files'>;
}

/** Connection strings by role; absent: the embedded Postgres. */
export interface DatabaseUrls {
  app: string;
  owner: string;
  reader: string;
}

export interface Config extends ConfigFile {
  /** Folder that relative paths of the file start from. */
  baseDir: string;
  /** The file itself, as given. */
  file: string;
  database: DatabaseUrls | null;
  logLevel: 'error' | 'warn' | 'info' | 'debug';
}

type ConfigShape = {
  entities: z.infer<typeof entitySchema>[];
  calendars: Record<string, unknown>;
  sources: SourcesConfig;
  server: { public_url?: string | undefined };
  access: { oidc?: OidcConfig | undefined };
};

/** What one field alone cannot tell: names that must exist elsewhere in the same file. */
function crossChecks(ctx: z.core.ParsePayload<ConfigShape>): void {
  const add = (at: (string | number)[], message: string): void => {
    ctx.issues.push({ code: 'custom', path: at, message, input: ctx.value });
  };
  const { entities, calendars, sources, server, access } = ctx.value;
  entities.forEach((entity, index) => {
    if (!(entity.calendar in calendars))
      add(['entities', index, 'calendar'], `names '${entity.calendar}', absent from calendars`);
    if (entities.findIndex((other) => other.id === entity.id) < index)
      add(['entities', index, 'id'], `'${entity.id}' is used twice`);
  });
  const known = new Set(entities.map(({ id }) => id));
  for (const [name, { entity }] of Object.entries(sources.stripe))
    if (!known.has(entity))
      add(['sources', 'stripe', name, 'entity'], `names '${entity}', absent from entities`);
  for (const kind of ['files', 'warehouse'] as const)
    for (const [name, source] of Object.entries<{ entities?: string[] | undefined }>(sources[kind]))
      for (const id of source.entities ?? [])
        if (!known.has(id))
          add(['sources', kind, name, 'entities'], `names '${id}', absent from entities`);
  for (const [name, { entity }] of Object.entries(sources.salesforce))
    for (const [value, id] of Object.entries(entity.values))
      if (!known.has(id))
        add(
          ['sources', 'salesforce', name, 'entity', 'values', value],
          `names '${id}', absent from entities`,
        );
  checkFiles(sources.files, add);
  if (access.oidc !== undefined)
    checkOidc({ oidc: access.oidc, publicUrl: server.public_url, entities: known }, (at, message) =>
      add(['access', 'oidc', ...at], message),
    );
}

function checkFiles(
  files: SourcesConfig['files'],
  add: (at: (string | number)[], message: string) => void,
): void {
  for (const [name, dataset] of Object.entries(files)) {
    const at = ['sources', 'files', name];
    for (const header of Object.keys(dataset.headers ?? {}))
      if (!(header in dataset.columns))
        add([...at, 'headers', header], `names '${header}', not a declared column of this file`);
    const column = typeof dataset.currency === 'object' ? dataset.currency.column : undefined;
    if (column !== undefined && dataset.columns[column] !== 'text')
      add([...at, 'currency', 'column'], `names '${column}', not a text column of this file`);
    if (dataset.amount !== undefined && dataset.columns[dataset.amount] !== 'decimal')
      add([...at, 'amount'], `names '${dataset.amount}', not a decimal column of this file`);
    if (dataset.amount !== undefined && dataset.currency === undefined)
      add([...at, 'currency'], 'is missing; an amount without its currency cannot be totalled');
    const clocks = Object.values(dataset.columns).includes('timestamp');
    if (clocks && dataset.time_zone === undefined)
      add([...at, 'time_zone'], 'is missing; timestamp columns carry no offset of their own');
  }
}

/** The file that loadConfig reads: the one named, else TIEOUT_CONFIG, else tieout.yaml here. */
export const configFileName = (env: NodeJS.ProcessEnv = process.env, file?: string): string =>
  file ?? env.TIEOUT_CONFIG ?? 'tieout.yaml';

/**
 * Reads `tieout.yaml` and the environment. `${NAME}` inside a value is replaced by that environment
 * variable; `quietly` is the log level where the environment names none. Throws InvalidInput
 * listing every problem with file, line, path and remedy.
 */
export function loadConfig(
  env: NodeJS.ProcessEnv = process.env,
  file?: string,
  quietly: Config['logLevel'] = 'info',
): Config {
  const problems: Problem[] = [];
  const environment = environmentSchema.safeParse(env);
  if (!environment.success) {
    for (const issue of environment.error.issues) {
      problems.push({
        file: 'environment',
        field: issue.path.join('.'),
        message: `${issue.message}.`,
        remedy: 'Correct or unset this environment variable.',
      });
    }
  }
  const name = configFileName(env, file);
  const parsed = readConfigFile(name, env, problems);
  const database = databaseUrls(env, problems);
  if (problems.length > 0 || parsed === null) throw new InvalidInput('configuration', problems);
  return {
    ...parsed,
    baseDir: path.dirname(path.resolve(name)),
    file: name,
    database,
    logLevel: environment.data?.TIEOUT_LOG_LEVEL ?? quietly,
  };
}

function databaseUrls(env: NodeJS.ProcessEnv, problems: Problem[]): DatabaseUrls | null {
  const { DATABASE_URL: app, DATABASE_OWNER_URL: owner, DATABASE_READER_URL: reader } = env;
  if (!app && !owner && !reader) return null;
  for (const [field, value] of Object.entries({
    DATABASE_URL: app,
    DATABASE_OWNER_URL: owner,
    DATABASE_READER_URL: reader,
  })) {
    if (value) continue;
    problems.push({
      file: 'environment',
      field,
      message: 'is not set although another database variable is.',
      remedy: 'Set all three, one login role each (docs/production.md), or none for embedded.',
    });
  }
  return app && owner && reader ? { app, owner, reader } : null;
}

function readConfigFile(
  file: string,
  env: NodeJS.ProcessEnv,
  problems: Problem[],
): ConfigFile | null {
  if (!existsSync(file)) {
    problems.push({
      file,
      message: 'The configuration file does not exist.',
      remedy: 'Create it, or name another with --config or TIEOUT_CONFIG (see README).',
    });
    return null;
  }
  const lines = new LineCounter();
  const text = readFileSync(file, 'utf8');
  const document = parseDocument(text, { lineCounter: lines });
  // What follows a first error is mostly its consequence.
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    const isVariable = /[{[].*\$\{/.test(text.split('\n')[(line ?? 1) - 1] ?? '');
    problems.push({
      ...{ file, line },
      message: `${error.message.split('\n')[0]?.replace(/ at line.*$/, '')}.`,
      remedy: isVariable
        ? 'Put quotes around ${…} where it stands within { } or [ ].'
        : 'Correct the YAML here.',
    });
    return null;
  }
  const value = substituteEnvironment(document.toJS() as unknown, env, (field, variable) => {
    problems.push({
      file,
      line: lineOf(document, lines, field.split('.')),
      field,
      message: `refers to \${${variable}}, which is not set.`,
      remedy: `Set the environment variable ${variable}.`,
    });
  });
  const result = configFileSchema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    problems.push({
      file,
      line: lineOf(document, lines, issue.path),
      field: issue.path.join('.'),
      message: wordsOf(issue, value),
      remedy: 'Correct this value; README and config.schema.json show the form.',
    });
  }
  return null;
}

/** What is wrong with a field, without the validator's own jargon. */
function wordsOf(issue: z.core.$ZodIssue, root: unknown): string {
  const given = issue.path.reduce<unknown>(
    (value, step) => new Map<unknown, unknown>(Object.entries(value ?? {})).get(String(step)),
    root,
  );
  const isChoice = issue.code === 'invalid_value';
  if (given === undefined && (isChoice || issue.code === 'invalid_type')) return 'is missing.';
  if (isChoice) return `must be one of ${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}.`;
  if (issue.code === 'unrecognized_keys') return `has no field ${issue.keys.join(', ')}.`;
  return `${issue.message}.`;
}

const kinds: Partial<Record<string, string>> = {
  string: 'text; put it in quotes',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
};

/** 1-based line of the deepest node there is on a path: a missing field points at its parent. */
export function lineOf(
  document: Document.Parsed,
  lines: LineCounter,
  at: readonly PropertyKey[],
): number | undefined {
  for (let depth = at.length; depth >= 0; depth -= 1) {
    const node = document.getIn(at.slice(0, depth), true);
    if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
      return lines.linePos(Number(node.range[0])).line;
  }
  return undefined;
}

function substituteEnvironment(
  value: unknown,
  env: NodeJS.ProcessEnv,
  missing: (field: string, variable: string) => void,
  at: string[] = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => {
      const found = env[name];
      if (found === undefined || found === '') missing(at.join('.'), name);
      return found ?? whole;
    });
  }
  if (Array.isArray(value))
    return value.map((item, i) => substituteEnvironment(item, env, missing, [...at, String(i)]));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        substituteEnvironment(item, env, missing, [...at, key]),
      ]),
    );
  }
  return value;
}
