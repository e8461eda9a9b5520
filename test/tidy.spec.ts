import * as imports from './support/import-rules';
import { readSourceTree, type TextFile } from './support/source-tree';
import * as tidy from './support/tidy-rules';

type Rule = (files: readonly TextFile[]) => string[];

const rules: Record<string, Rule> = {
  'a boundary date is never counted twice': tidy.noBetween,
  'a column type keeps money exact and instants zoned': tidy.migrationTypes,
  'migrations are numbered without a gap': tidy.migrationNumbers,
  'every control has a clean case and a case per finding': tidy.controlsHaveCases,
  'a control folder carries its id and its slug': tidy.controlFolderNames,
  'a file has at most 400 lines': tidy.fileSize,
  'a line has at most 100 characters': tidy.lineLength,
  'file names are kebab-case': tidy.kebabCaseNames,
  'there are no barrels': tidy.noBarrels,
  'work is finished': tidy.finishedWork,
  'no type or lint rule is silenced in a file': tidy.typeHoles,
  'the tree speaks about the product only': tidy.aboutTheProduct,
  'the architecture fits in 150 lines': tidy.architectureIsShort,
  'the README shows the two commands': tidy.readmeShowsCommands,
  'every folder of src has its place': imports.strayFolders,
  'imports run one way': imports.wrongWayImports,
  'packages are known to core or installed in production': imports.wrongPackages,
  'imports have no cycle': imports.importCycles,
};

describe('the tree keeps the house rules', () => {
  const files = readSourceTree();

  test.each(Object.entries(rules))('%s', (_name, rule) => {
    expect(rule(files)).toEqual([]);
  });
});

const file = (path: string, text: string): TextFile => ({ path, text });

/** What each rule refuses: files in, the beginning of every sentence it must give out. */
const refused: [Rule, TextFile[], string[]][] = [
  [
    tidy.noBetween,
    [
      file(
        'controls/populations/a.sql',
        "-- between us\nwhere d Between :a and :b or n = 'between'",
      ),
      file(
        'controls/bookings/BK-01-x/control.yaml',
        'objective: between\nfindings: [{ code: BK01-A, when: left.a between 1 and 2 }]',
      ),
    ],
    ['controls/populations/a.sql:2: ', 'controls/bookings/BK-01-x/control.yaml: BK01-A: '],
  ],
  [
    tidy.migrationTypes,
    [
      file(
        'migrations/0001_a.sql',
        [
          'create table t ( -- real money at a timestamp',
          'a real, b numeric(24,6),',
          'c double precision,',
          'd money,',
          'e timestamp, f timestamptz, g timestamp with time zone,',
          'h varchar(10), i text,',
          'j bigserial)',
        ].join('\n'),
      ),
    ],
    [2, 3, 4, 5, 6, 7].map((line) => `migrations/0001_a.sql:${line}: `),
  ],
  [
    tidy.migrationNumbers,
    ['0001_a.sql', '0003_b.sql', '0003_c-d.sql'].map((name) => file(`migrations/${name}`, '')),
    ['migrations/0003_b.sql: ', 'migrations/0003_c-d.sql: '],
  ],
  [
    tidy.controlsHaveCases,
    [
      file('controls/bookings/BK-01-a/control.yaml', ''),
      file(
        'controls/bookings/BK-02-b/control.yaml',
        'findings: [{ code: BK02-A, when: left_only }, { code: BK02-B, when: right_only }]',
      ),
      file('controls/bookings/BK-02-b/cases/a.yaml', 'expect: { findings: [{ code: BK02-A }] }'),
      file('controls/bookings/BK-03-c/control.yaml', 'findings: [{ code: BK03-A, when: x }]'),
      file('controls/bookings/BK-03-c/cases/a.yaml', 'expect: { findings: [{ code: BK03-A }] }'),
      file('controls/bookings/BK-03-c/cases/clean.yaml', 'expect: { findings: [] }'),
    ],
    [
      'controls/bookings/BK-01-a/control.yaml: no clean case',
      'controls/bookings/BK-02-b/control.yaml: no case expects BK02-B',
      'controls/bookings/BK-02-b/control.yaml: no clean case',
    ],
  ],
  [
    tidy.controlFolderNames,
    [
      file('controls/bookings/BK-01-fine/control.yaml', ''),
      file('controls/bookings/bk-01/control.yaml', ''),
    ],
    ['controls/bookings/bk-01/control.yaml: '],
  ],
  [
    tidy.fileSize,
    [file('src/core/a.ts', 'x\n'.repeat(400)), file('src/core/b.ts', 'x\n'.repeat(401))],
    ['src/core/b.ts: 401 lines'],
  ],
  [
    tidy.lineLength,
    [file('src/core/a.ts', `${'x'.repeat(100)}\n${'x'.repeat(101)}`)],
    ['src/core/a.ts:2: 101 characters'],
  ],
  [
    tidy.kebabCaseNames,
    [file('src/core/run-control.spec.ts', ''), file('src/core/runControl.ts', '')],
    ['src/core/runControl.ts: '],
  ],
  [tidy.noBarrels, [file('src/core/index.ts', '')], ['src/core/index.ts: ']],
  [
    tidy.finishedWork,
    [
      file(
        'src/core/a.ts',
        '// TODO(#12) later\n// TODO later\nthrow new Error("not implemented");',
      ),
    ],
    ['src/core/a.ts:2: ', 'src/core/a.ts:3: '],
  ],
  [
    tidy.typeHoles,
    [file('src/core/a.ts', 'x;\n// @ts-expect-error\n/* eslint-disable */')],
    ['src/core/a.ts:2: ', 'src/core/a.ts:3: '],
  ],
  [
    tidy.aboutTheProduct,
    [
      file(
        'README.md',
        'A session ends.\nWritten by an assistant.\nIn an earlier session.\nAIR, AI',
      ),
    ],
    ['README.md:2: ', 'README.md:3: ', 'README.md:4: '],
  ],
  [
    tidy.architectureIsShort,
    [file('ARCHITECTURE.md', 'x\n'.repeat(150))],
    ['ARCHITECTURE.md: must stay under 150'],
  ],
  [
    tidy.readmeShowsCommands,
    [file('README.md', 'npm ci && npm test')],
    ["README.md: does not show '"],
  ],
  [
    imports.strayFolders,
    [file('src/main.ts', ''), file('src/cli/demo.ts', ''), file('src/utils/a.ts', '')],
    ['src/utils/a.ts: '],
  ],
];

const wrongWay: [string, string, string][] = [
  ['core reaches out', 'src/core/a.ts', "import { b } from '../platform/b';"],
  ['core, for a type', 'src/core/a.ts', "import type { B } from '../platform/b';"],
  ['core, inside a type', 'src/core/a.ts', "type B = import('../platform/b').B;"],
  ['platform knows a capability', 'src/platform/a.ts', "export * from '../runs/b';"],
  ['a capability to its right', 'src/alerts/a.ts', "const b = await import('../runs/b');"],
  ['a capability knows wiring', 'src/runs/a.ts', "import b = require('../app.module');"],
  ['the sandbox from a capability', 'src/runs/a.ts', "require('../sandbox/b');"],
  ['the sandbox from the server', 'src/main.ts', "import { b } from './sandbox/b';"],
  ['src reaches into tests', 'src/runs/a.ts', "import { b } from '../../test/support/b';"],
  ['src reaches into the web', 'src/api/a.ts', "import { b } from '../../web/b';"],
  ['the web reaches into src', 'web/a.tsx', "import { b } from '../src/core/b';"],
];

const rightWay: [string, string, string][] = [
  ['core knows core', 'src/core/a.ts', "import { b } from './b';"],
  ['a capability to its left', 'src/runs/a.ts', "import { b } from '../alerts/b';"],
  ['the demo knows the sandbox', 'src/cli/demo.ts', "import { b } from '../sandbox/b';"],
  ['a spec knows the sandbox', 'src/alerts/a.spec.ts', "import { b } from '../sandbox/b';"],
  [
    'a spec knows test support',
    'src/alerts/a.spec.ts',
    "import { b } from '../../test/support/b';",
  ],
  ['wiring knows all', 'src/app.module.ts', "import { b } from './runs/b';"],
  [
    'words in a comment',
    'src/core/a.ts',
    "// import '../runs/b'\nconst s = 'require(\"../runs/b\")';",
  ],
];

describe('the rules themselves', () => {
  test('every rule about text is shown to refuse something', () => {
    const shown = new Set(refused.map(([rule]) => rule));
    const { wrongWayImports, wrongPackages, importCycles } = imports;
    const others: Rule[] = [wrongWayImports, wrongPackages, importCycles];
    expect(
      Object.values(rules).filter((rule) => !shown.has(rule) && !others.includes(rule)),
    ).toEqual([]);
  });

  test.each(refused.map(([rule, files, expected]) => ({ rule, files, expected })))(
    '$rule.name refuses $expected',
    ({ rule, files, expected }) => {
      const found = rule(files);
      expect(found.map((line, i) => line.slice(0, expected[i]?.length))).toEqual(expected);
    },
  );

  test.each(wrongWay)('an import is refused: %s', (_name, path, text) => {
    expect(imports.wrongWayImports([file(path, text)])).toHaveLength(1);
  });

  test.each(rightWay)('an import is allowed: %s', (_name, path, text) => {
    expect(imports.wrongWayImports([file(path, text)])).toEqual([]);
  });

  test('core knows five packages, and production only its dependencies', () => {
    const files = [
      file('package.json', '{ "dependencies": { "@nestjs/common": "1", "pg": "1", "zod": "1" } }'),
      file('src/core/a.ts', "import { z } from 'zod'; import { readFileSync } from 'node:fs';"),
      file(
        'src/runs/a.ts',
        "import '@nestjs/common/pipes'; import 'fs'; import { it } from 'jest';",
      ),
      file(
        'src/runs/b.ts',
        "import type { Request } from 'express'; import 'node:fs'; import 'pg';",
      ),
      file('src/runs/b.spec.ts', "import fc from 'fast-check';"),
    ];
    expect(imports.wrongPackages(files).map((line) => line.split(':')[0])).toEqual([
      'src/core/a.ts → node',
      'src/runs/a.ts → fs',
      'src/runs/a.ts → jest',
    ]);
  });

  test('a cycle over three files is found once and a diamond is none', () => {
    const cycle = [
      file('src/runs/a.ts', "import './b';"),
      file('src/runs/b.ts', "import type { C } from './c';"),
      file('src/runs/c.ts', "export * from './a';"),
    ];
    const diamond = [
      file('src/runs/d.ts', "import './e'; import './f';"),
      file('src/runs/e.ts', "import './g';"),
      file('src/runs/f.ts', "import './g';"),
    ];
    expect(imports.importCycles([...cycle, ...diamond])).toEqual([
      'src/runs/a → src/runs/b → src/runs/c → src/runs/a',
    ]);
  });
});
