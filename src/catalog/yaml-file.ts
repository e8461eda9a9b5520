import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../core/problem';
import { lineOf } from '../platform/config';
import { didYouMean } from './suggest';

/** A YAML text that knows the line of each of its fields. */
export class YamlFile {
  private constructor(
    /** As the reader knows it. */
    readonly file: string,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    readonly value: unknown,
  ) {}

  /** Null, with the reasons among the problems, when it is not YAML. */
  static parse(file: string, text: string, problems: Problem[]): YamlFile | null {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    for (const error of document.errors) {
      problems.push({
        file,
        line: error.linePos?.[0].line ?? 1,
        message: `${(error.message.split('\n')[0] ?? '').replace(/ at line.*$/, '')}.`,
        remedy: 'Correct the YAML here.',
      });
    }
    if (document.errors.length > 0) return null;
    return new YamlFile(file, document, lines, document.toJS() as unknown);
  }

  /** 1-based line on which a field begins: that of its key, or of its holder when it is absent. */
  line(at: readonly PropertyKey[]): number {
    const holder: unknown =
      at.length === 1 ? this.document.contents : this.document.getIn(at.slice(0, -1), true);
    if (isMap(holder)) {
      const key = holder.items.find(
        (pair) => isScalar(pair.key) && String(pair.key.value) === String(at.at(-1)),
      )?.key;
      if (isScalar(key) && key.range) return this.lines.linePos(key.range[0]).line;
    }
    return lineOf(this.document, this.lines, at) ?? 1;
  }

  /** The dotted path of a field, with names and codes in place of positions in lists. */
  field(at: readonly PropertyKey[]): string {
    let value = this.value;
    const words = at.map((step) => {
      value = childOf(value, step);
      if (typeof step !== 'number') return String(step);
      const named = childOf(value, 'code') ?? childOf(value, 'name');
      return typeof named === 'string' && named !== '' ? named : String(step);
    });
    return words.join('.');
  }

  problem(at: readonly PropertyKey[], message: string, remedy: string): Problem {
    return { file: this.file, line: this.line(at), field: this.field(at), message, remedy };
  }

  /** The value in the shape of a schema; or null, with every way it differs among the problems. */
  read<T>(schema: z.ZodType<T>, problems: Problem[]): T | null {
    const result = schema.safeParse(this.value);
    if (result.success) return result.data;
    const names = () => propertyNames(schema);
    for (const issue of result.error.issues)
      for (const { at, message, remedy } of explainIssue(issue, this.value, names))
        problems.push(this.problem(at, message, remedy));
    return null;
  }
}

function childOf(value: unknown, step: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === String(step))?.[1] as unknown;
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, step) => childOf(inner, step), value);

interface Explained {
  at: PropertyKey[];
  message: string;
  remedy: string;
}

const correct = 'Correct this value; docs/controls-format.md shows the form.';

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
  null: 'null',
};

/** What zod found, in the words of the person who wrote the file. */
function explainIssue(
  issue: z.core.$ZodIssue,
  root: unknown,
  names: () => string[],
  below: readonly PropertyKey[] = [],
): Explained[] {
  const path = [...below, ...issue.path];
  const one = (message: string, remedy = correct): Explained[] => [{ at: path, message, remedy }];
  switch (issue.code) {
    case 'invalid_type':
      return [invalidType(issue.expected, path, at(root, path))];
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        at: [...path, key],
        message: `is not a field here.${didYouMean(key, names())}`,
        remedy: 'Correct its name, or remove it.',
      }));
    case 'invalid_value': {
      const given = at(root, path);
      const values = issue.values.map(String);
      if (given === undefined) return one('is missing.', `Set it to ${listed(values)}.`);
      return one(
        `must be ${listed(values)}.${didYouMean(typeof given === 'string' ? given : '', values)}`,
        'Use one of these words.',
      );
    }
    case 'too_small':
      return one(
        issue.origin === 'number' ? `must be at least ${String(issue.minimum)}.` : 'is empty.',
        issue.origin === 'number' ? correct : 'Fill it in.',
      );
    case 'invalid_key':
      return one(`the name ${issue.issues[0]?.message ?? 'is not usable'}.`, 'Rename it.');
    case 'invalid_union':
      return explainUnion(issue.errors, root, names, path);
    case 'custom':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'too_big':
      return one(`${issue.message}.`);
  }
}

function invalidType(expected: string, path: PropertyKey[], given: unknown): Explained {
  const kind = kinds[expected] ?? expected;
  if (given === undefined)
    return { at: path, message: 'is missing.', remedy: `Add ${String(path.at(-1))}: ${kind}.` };
  if (expected === 'string' && typeof given === 'number')
    return { at: path, message: 'must be text, not a YAML number.', remedy: quoteIt(given) };
  if (given === null) return { at: path, message: 'is empty.', remedy: `Give it ${kind}.` };
  return { at: path, message: `must be ${kind}.`, remedy: correct };
}

const quoteIt = (given: unknown): string =>
  `Put it in quotes, as "${String(given)}": a YAML number loses digits.`;

/** Decides which of two shapes was meant by what is there, instead of complaining about both. */
function explainUnion(
  errors: readonly (readonly z.core.$ZodIssue[])[],
  root: unknown,
  names: () => string[],
  path: PropertyKey[],
): Explained[] {
  const given = at(root, path);
  const has = (key: string): boolean => childOf(given, key) !== undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const accepted = errors.map(([issue]) =>
      issue?.code === 'invalid_type' ? (kinds[issue.expected] ?? issue.expected) : 'another form',
    );
    const remedy = typeof given === 'number' ? quoteIt(given) : correct;
    return [{ at: path, message: `must be ${accepted.join(' or ')}.`, remedy }];
  }
  if ((has('left') || has('right')) === has('item')) {
    const message = 'is neither a tie-out (left and right) nor an assertion (item) alone.';
    return [{ at: path, message, remedy: 'Give it left and right, or item.' }];
  }
  const meant = errors[has('item') ? 1 : 0] ?? [];
  return meant.flatMap((issue) => explainIssue(issue, root, names, path));
}

function listed(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `one of ${values.join(', ')}`;
}

/** Every field name of a schema, at any depth: what a misspelt one may have meant. */
function propertyNames(schema: z.ZodType): string[] {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value as Record<string, unknown>)) {
      if (key === 'properties' && typeof child === 'object' && child !== null)
        Object.keys(child).forEach((name) => names.add(name));
      collect(child);
    }
  };
  collect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...names];
}
