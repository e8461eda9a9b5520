import { z } from 'zod';
import { caseSchema } from '../core/case';
import { controlSchema } from '../core/control';
import { configFileSchema } from '../platform/config';

export interface JsonSchemaFile {
  /** From the root of the repository. */
  path: string;
  text: string;
}

const schemas: [path: string, title: string, schema: z.ZodType][] = [
  ['controls/control.schema.json', 'A control of Tieout (control.yaml)', controlSchema],
  ['controls/case.schema.json', 'A case of a control of Tieout (cases/*.yaml)', caseSchema],
  ['config.schema.json', 'The configuration of Tieout (tieout.yaml)', configFileSchema],
];

/**
 * JSON Schemas for editors, made from the schemas that validate, so that the two never differ.
 * Files name them in their first line: `# yaml-language-server: $schema=../../control.schema.json`.
 */
export function jsonSchemas(): JsonSchemaFile[] {
  return schemas.map(([path, title, schema]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
    return { path, text: printed({ $schema, title, ...rest }) };
  });
}

const WIDTH = 100;

/** JSON as Prettier prints it: a list of plain values stays on one line where it fits. */
function printed(value: unknown): string {
  const wide = JSON.stringify(value, null, 2);
  const text = wide.replace(
    /^(.*)\[\n([^[\]{}]+?)\n\s*\](,?)$/gm,
    (whole, before: string, inside: string, after: string) => {
      const items = inside.split('\n').map((line) => line.trim());
      const line = `${before}[${items.join(' ')}]${after}`;
      return line.length <= WIDTH ? line : whole;
    },
  );
  return `${text}\n`;
}
