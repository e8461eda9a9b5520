import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Names that carry an amount of money; arithmetic on them belongs to src/core/money.ts alone. */
const moneyWord = '/(amount|balance|impact|variance|difference|tolerance|price|money|minorUnits)/i';

/** Each rule of the house style that a selector can see, with the remedy as its message. */
const shape = [
  {
    selector: "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>5]",
    message: 'At most five constructor parameters: split the class.',
  },
  {
    selector: 'ExportDefaultDeclaration, TSExportAssignment',
    message: 'Named exports only.',
  },
];

const now = [
  {
    selector:
      "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date']",
    message: 'Now comes from Clock (src/platform/clock.ts) and is passed on as a value.',
  },
];

const noFloats = [
  {
    selector: `CallExpression[callee.name='Number'] Identifier[name=${moneyWord}]`,
    message: 'Money never becomes a number: keep the bigint, or write it as text.',
  },
  {
    selector: "MemberExpression[property.name='toFixed']",
    message: 'Rounding is by name, in src/core/money.ts; durations are whole milliseconds.',
  },
];

const money = [
  {
    selector: [
      `CallExpression[callee.name='Number'] Identifier[name=${moneyWord}]`,
      `UnaryExpression[operator=/^[-+]$/] > Identifier[name=${moneyWord}]`,
      `UnaryExpression[operator=/^[-+]$/] > MemberExpression[property.name=${moneyWord}]`,
      `BinaryExpression[operator=/^[-*/]$/] > Identifier[name=${moneyWord}]`,
      `BinaryExpression[operator=/^[-*/]$/] > MemberExpression[property.name=${moneyWord}]`,
    ].join(', '),
    message: 'Money is a decimal string: compute with src/core/money.ts.',
  },
  {
    selector: "MemberExpression[property.name='toFixed']",
    message: 'Rounding is by name, in src/core/money.ts; durations are whole milliseconds.',
  },
];

const halfOpen = [
  {
    selector:
      'TemplateLiteral:has(TemplateElement[value.raw=/\\b(select|where|join)\\b/i]):has(TemplateElement[value.raw=/\\bbetween\\b/i])',
    message: 'Periods are half-open: write >= and < instead of BETWEEN.',
  },
  {
    selector: 'Literal[value=/\\b(select|where|join)\\b[^]*\\bbetween\\b/i]',
    message: 'Periods are half-open: write >= and < instead of BETWEEN.',
  },
];

const focused = [
  {
    selector:
      'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo|failing)$/], CallExpression[callee.name=/^(fit|fdescribe|xit|xtest|xdescribe)$/]',
    message: 'No skipped or focused tests.',
  },
  {
    selector:
      'MemberExpression[property.name=/^(toHaveBeenCalledWith|toMatchSnapshot|toBeDefined)$/]',
    message: 'Assert behaviour and exact values, not calls, snapshots or mere presence.',
  },
];

const noParseFloat = { name: 'parseFloat', message: 'Money is a decimal string, never a float.' };
const noNumberParseFloat = {
  object: 'Number',
  property: 'parseFloat',
  message: noParseFloat.message,
};
const noRandom = {
  object: 'Math',
  property: 'random',
  message: 'Identifiers come from node:crypto, test data from a seed.',
};
const noDateNow = {
  object: 'Date',
  property: 'now',
  message: 'Now comes from Clock (src/platform/clock.ts).',
};
const noEnv = {
  object: 'process',
  property: 'env',
  message: 'Only src/platform/config.ts reads the environment; pass the value on.',
};
const noHiddenWiring = [
  'error',
  {
    paths: [
      { name: '@nestjs/common', importNames: ['forwardRef', 'Scope'], message: 'Wire it one way.' },
      { name: '@nestjs/core', importNames: ['ModuleRef'], message: 'Inject what is needed.' },
      { name: 'process', message: 'process.env is read by src/platform/config.ts alone.' },
      { name: 'node:process', message: 'process.env is read by src/platform/config.ts alone.' },
    ],
  },
];

const inSource = ['error', ...shape, ...now, ...money, ...halfOpen];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'data', 'web/api/schema.d.ts', '**/*.{js,cjs,mjs}'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    // An exception to a rule is written here, where it is reviewed, never as a comment in a file.
    linterOptions: { noInlineConfig: true },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'no-restricted-globals': ['error', noParseFloat],
      'no-restricted-imports': noHiddenWiring,
      'no-restricted-properties': ['error', noNumberParseFloat, noRandom, noDateNow, noEnv],
      'no-restricted-syntax': inSource,
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/platform/clock.ts'],
    rules: {
      'no-restricted-properties': ['error', noNumberParseFloat, noRandom, noEnv],
      'no-restricted-syntax': ['error', ...shape, ...money, ...halfOpen],
    },
  },
  {
    files: ['src/platform/config.ts'],
    rules: {
      'no-restricted-properties': ['error', noNumberParseFloat, noRandom, noDateNow],
    },
  },
  {
    // The sandbox counts whole minor units as bigint, which no operator makes inexact; the one way
    // out of it into a number is wireAmount in kit/units.ts.
    files: ['src/sandbox/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', ...shape, ...now, ...halfOpen, ...noFloats] },
  },
  {
    files: ['src/core/money.ts'],
    rules: { 'no-restricted-syntax': ['error', ...shape, ...now, ...halfOpen] },
  },
  {
    // A process loads the command that it was called for; an import() of CommonJS would need other
    // names in the tests, which run the sources, than in the build.
    files: ['src/cli/program.ts'],
    rules: { '@typescript-eslint/no-require-imports': ['error', { allow: ['\\.command$'] }] },
  },
  {
    // Tests read the environment and the wall clock of the processes they start, and look into
    // answers whose shape is what they assert.
    files: ['src/**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-properties': ['error', noNumberParseFloat, noRandom],
      'no-restricted-syntax': ['error', ...shape, ...focused],
    },
  },
  {
    // The page knows the REST API and nothing behind it; what it shows of money stays text.
    files: ['web/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '(^|/)src/', message: 'The page knows the REST API and nothing behind it.' },
            { regex: '^node:', message: 'This runs in a browser.' },
          ],
        },
      ],
    },
  },
  {
    // A query's type is what its options say; writing it twice would only drift.
    files: ['web/**/*query.ts', 'web/api/queries.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  {
    // A describe callback is as long as its tests; the limit per file still holds.
    files: ['**/*.spec.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // The benchmark's own output.
    files: ['test/bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
