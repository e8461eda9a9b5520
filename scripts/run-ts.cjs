// Runs a TypeScript file of test/ in place: node scripts/run-ts.cjs test/bench/bench.ts [arguments]
// The same transformation as in the tests; types are checked by `npm run check`, not here.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');
const { transform } = require('../jest.config.js');

const [, options] = Object.values(transform)[0];
process.setSourceMapsEnabled(true);

require.extensions['.ts'] = (module, filename) => {
  const source = readFileSync(filename, 'utf8');
  module._compile(transformSync(source, { ...options, filename }).code, filename);
};

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node scripts/run-ts.cjs <file.ts> [arguments]\n');
  process.exitCode = 2;
} else {
  process.argv = [process.argv[0], path.resolve(script), ...rest];
  require(process.argv[1]);
}
