// Packages published only as ES modules: Jest cannot require() them on Node 20, so swc turns them
// into CommonJS (cached after the first run).
const esmOnly = ['@nestjs', 'openid-client', 'oauth4webapi', 'jose'];

module.exports = {
  testEnvironment: 'node',
  testRegex: '(src|test|web)/.*spec\\.ts$',
  testTimeout: 60_000,
  // Jest looks names like these up in its sandbox, every time and slowly; handed to each module, they
  // are as quick as anywhere. Generating a world asks for Math millions of times.
  sandboxInjectedGlobals: ['BigInt', 'Math', 'Number', 'Object'],
  // Half of the time is spent in Postgres, children and waits: a worker for every core.
  maxWorkers: '100%',
  globalSetup: './test/support/start-test-run.js',
  globalTeardown: './test/support/stop-test-run.js',
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          target: 'es2023',
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};
