import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  noteShapes,
  sortedShapes,
  type FieldShapes,
} from '../../src/sandbox/stripe/shape/field-shapes';
import { renderedKinds } from '../../src/sandbox/stripe/shape/rendered-kinds';

/**
 * Writes the field shapes of real Stripe answers beside the sandbox, without any of their values:
 * node scripts/run-ts.cjs test/support/write-stripe-shapes.ts <folder with stripe_recorded and
 * stripe_openapi_fixtures>
 */
function main(folder: string): void {
  const shapes: { recorded: FieldShapes; fixtures: FieldShapes } = { recorded: {}, fixtures: {} };
  const recorded = path.join(folder, 'stripe_recorded', 'json');
  const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  for (const name of readdirSync(recorded))
    noteShapes(read(path.join(recorded, name)), shapes.recorded, renderedKinds);
  const fixtures = path.join(folder, 'stripe_openapi_fixtures', 'fixtures3.json');
  noteShapes(read(fixtures), shapes.fixtures, renderedKinds);
  const target = path.join(__dirname, '../../src/sandbox/stripe/shape/real-shapes.json');
  const text = {
    // API 2025-11-17.clover (Zulip's billing tests, Apache-2.0); stripe/openapi of 2026-08 (MIT).
    recorded: sortedShapes(shapes.recorded),
    fixtures: sortedShapes(shapes.fixtures),
  };
  const joined = JSON.stringify(text, (_key, value: unknown) =>
    Array.isArray(value) ? value.join('|') : value,
  );
  writeFileSync(target, `${JSON.stringify(JSON.parse(joined), null, 2)}\n`);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of the real data');
main(folder);
