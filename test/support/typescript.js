// For `node --require`: lets a child process of a test load the sources, without a build. What a
// file becomes is kept by its content: a test run starts a hundred such processes.
const { transformSync, version } = require('@swc/core');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const options = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    target: 'es2023',
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
};
const root = path.resolve(__dirname, '..', '..');
const cache = path.join(root, 'node_modules', '.cache', 'tieout-sources');
fs.mkdirSync(cache, { recursive: true });

require.extensions['.ts'] = (module, filename) => {
  const source = fs.readFileSync(filename, 'utf8');
  module._compile(transformed(source, filename), filename);
};

function transformed(source, filename) {
  const kept = JSON.stringify([version, options, filename, source]);
  const file = path.join(cache, `${createHash('sha256').update(kept).digest('hex')}.js`);
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  const { code } = transformSync(source, { ...options, filename });
  fs.writeFileSync(`${file}.${process.pid}`, code);
  fs.renameSync(`${file}.${process.pid}`, file); // whole, or not there
  return code;
}
