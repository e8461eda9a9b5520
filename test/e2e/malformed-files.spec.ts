import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DatasetConfig } from '../../src/platform/config';
import { FilesWorkspace } from '../support/files-workspace';

let files: FilesWorkspace;
beforeAll(async () => {
  files = await FilesWorkspace.open();
});
afterAll(() => files.close());

/** 'file:line field: message' of every problem; remedies are asserted to be there. */
async function told(file: string, dataset: Partial<DatasetConfig> = {}): Promise<string[]> {
  const problems = await files.problems(file, dataset);
  return problems.map(({ file: at, line, field, message, remedy }) => {
    expect(remedy).toMatch(/^[A-Z].*[.?]$/);
    const place = [at, line].filter((part) => part !== undefined).join(':');
    return `${place}${field === undefined ? '' : ` ${field}`}: ${message}`;
  });
}

const all: Partial<DatasetConfig> = {
  columns: {
    id: 'text',
    amount: 'decimal',
    count: 'integer',
    day: 'date',
    clock: 'timestamp',
    at: 'instant',
    done: 'boolean',
  },
  time_zone: 'Europe/Dublin',
};
const allHeader = 'id,amount,count,day,clock,at,done\n';

describe('a CSV file with a fault of form', () => {
  test.each<[what: string, content: string | Buffer, expected: string[]]>([
    ['is empty', '', ['f.csv: The file is empty.']],
    ['holds only a byte order mark', '\ufeff', ['f.csv: The file is empty.']],
    [
      'has a record with too few values',
      'id,amount\na,1\nb\nc,3\n',
      ['f.csv:3: The record has 1 value; the header has 2.'],
    ],
    [
      'has a record with too many values',
      'id,amount\na,1\nb,2,3\n',
      ['f.csv:3: The record has 3 values; the header has 2.'],
    ],
    [
      'has a short record after quoted line breaks',
      'id,amount\n"a\nb\r\nc",1\nb\n',
      ['f.csv:5: The record has 1 value; the header has 2.'],
    ],
    ['has an empty line', 'id,amount\na,1\n\nb,2\n', ['f.csv:3: The line is empty.']],
    ['ends with an empty line', 'id,amount\r\na,1\r\n\r\n', ['f.csv:3: The line is empty.']],
    [
      'has a quote inside an unquoted value',
      'id,amount\na"b,1\nc,2\n',
      ['f.csv:2: A quote stands inside an unquoted value.'],
    ],
    [
      'has text after a closing quote',
      'id,amount\na,1\n"b"x,2\n',
      ['f.csv:3: Text follows the closing quote of a value.'],
    ],
    [
      'has a quote that is never closed',
      'id,amount\na,1\n"b,2\nc,3\n',
      ['f.csv:3: A quote opened here is never closed.'],
    ],
    [
      'has Latin-1 bytes',
      Buffer.from('id,amount\na,1\nM\u00fcller,2\n', 'latin1'),
      ['f.csv:3: The byte at offset 15 of the file is not UTF-8.'],
    ],
    [
      'has Latin-1 bytes after a byte order mark and a quoted line break',
      Buffer.concat([
        Buffer.from('\ufeffid,amount\n"a\n\u20ac",1\n'),
        Buffer.from('M\u00fcller,2\n', 'latin1'),
      ]),
      ['f.csv:4: The byte at offset 24 of the file is not UTF-8.'],
    ],
    [
      'is cut off inside a character',
      Buffer.from('id,amount\na,1\nb,2\u20ac').subarray(0, -1),
      ['f.csv:3: The byte at offset 17 of the file is not UTF-8.'],
    ],
    [
      'holds a NUL byte',
      'id,amount\na,1\nb\0,2\n',
      ['f.csv:3: The line holds a NUL byte, which text never does.'],
    ],
    [
      'mixes line ends',
      'id,amount\r\na,1\nb,2\r\nc,3\n',
      ['f.csv:2: The line ends with LF; the lines before end with CRLF.'],
    ],
    [
      'has bare carriage returns',
      'id,amount\ra,1\rb,2\r',
      ['f.csv:1: A carriage return stands outside quotes without a line feed.'],
    ],
    [
      'has a record over the limit',
      `id,amount\na,1\n"${'x\n'.repeat(600_000)}",2\nb,3\n`,
      ['f.csv:3: The record takes 1200004 bytes; at most 1048576 (1 MiB) are read.'],
    ],
    [
      'is UTF-16',
      Buffer.from('\ufeffid,amount\na,1\n', 'utf16le'),
      ['f.csv: The file is UTF-16 text, not the CSV it is declared to be.'],
    ],
    [
      'is compressed',
      gzipSync('id,amount\na,1\n'),
      ['f.csv: The file is gzip-compressed, not the CSV it is declared to be.'],
    ],
    [
      'is a workbook',
      Buffer.from('PK\u0003\u0004workbook'),
      ['f.csv: The file is a ZIP archive or an Excel workbook, not the CSV it is declared to be.'],
    ],
  ])('that %s is refused where it stands', async (_, content, expected) => {
    files.write('f.csv', content);
    expect(await told('f.csv')).toEqual(expected);
  });

  test('that has several faults tells each once, in line order', async () => {
    files.write('f.csv', 'id,amount\na\nb"c,1\n\nd,1,1,1\n"e\n');
    expect(await told('f.csv')).toEqual([
      'f.csv:2: The record has 1 value; the header has 2.',
      'f.csv:3: A quote stands inside an unquoted value.',
      'f.csv:4: The line is empty.',
      'f.csv:5: The record has 4 values; the header has 2.',
      'f.csv:6: A quote opened here is never closed.',
    ]);
  });

  test('that has more than twenty faults tells twenty and counts the rest', async () => {
    files.write('f.csv', `id,amount\n${'a\n'.repeat(1_500)}`);
    const problems = await told('f.csv');
    expect(problems).toHaveLength(21);
    expect(problems[20]).toBe('f.csv: and 1480 more problems.');
  });
});

describe('a header', () => {
  test.each<[what: string, header: string, expected: string[]]>([
    ['lacks declared columns', 'id,total', ["f.csv:1 amount: There is no column 'amount'."]],
    [
      'differs only by case or space',
      'ID, Amount',
      [
        "f.csv:1 id: There is no column 'id'; did you mean 'ID'?",
        "f.csv:1 amount: There is no column 'amount'; did you mean ' Amount'?",
      ],
    ],
    ['has a stray quote', 'id,am"ount', ['f.csv:1: A quote stands inside an unquoted value.']],
    ['names a column twice', 'id,amount,id', ['f.csv:1 id: Columns 1 and 3 have the same name.']],
    [
      'is separated by semicolons',
      'id;amount',
      ["f.csv:1 id: There is no column 'id'.", "f.csv:1 amount: There is no column 'amount'."],
    ],
  ])('that %s is refused', async (_, header, expected) => {
    files.write('f.csv', `${header}\n`);
    expect(await told('f.csv')).toEqual(expected);
  });

  test('that is missing does not put the first record into the message', async () => {
    files.write('f.csv', 'Jane Doe,Jane Doe\n');
    expect((await told('f.csv')).join()).not.toContain('Jane');
  });

  test('with another spelling is read when the declaration says so', async () => {
    files.write('f.csv', 'Invoice No.,amount\na,1\n');
    const frozen = await files.read('f.csv', { headers: { id: 'Invoice No.' } });
    expect(await files.rows(frozen)).toEqual([{ id: 'a', amount: '1.000000' }]);
  });
});

describe('a wrong value', () => {
  const decimal = 'a decimal such as -1234.56, with at most 18 digits before the point and 6 after';
  const integer = 'an integer of 64 bits, such as -42';
  const day = 'a day of the calendar written YYYY-MM-DD, from the year 1000';
  const clock = 'a time written YYYY-MM-DD HH:MM:SS, without an offset';
  const at = 'a time written YYYY-MM-DDTHH:MM:SSZ, or with an offset such as +02:00';

  test.each<[column: string, value: string, expects: string]>([
    ...['1e3', ' 12', '12 ', '1.1234567', '1,5', '1.', '.5', '+1', 'NaN', 'inf', '0x10'].map(
      (value): [string, string, string] => ['amount', value, decimal],
    ),
    ['amount', '1234567890123456789', decimal],
    ['amount', '', decimal],
    ['count', '9223372036854775808', integer],
    ['count', '-9223372036854775809', integer],
    ['count', '1.0', integer],
    ['day', '2026-02-30', day],
    ['day', '2026-1-5', day],
    ['day', '05/01/2026', day],
    ['day', '0001-01-01', day],
    ['clock', '2026-01-01', clock],
    ['clock', '2026-01-01 24:00:00', clock],
    ['clock', '2026-01-01T00:00:00Z', clock],
    ['clock', '2026-02-29 00:00:00', clock],
    ['at', '2026-01-01T00:00:00', at],
    ['at', '2026-01-01T00:00:00+2', at],
    ['done', 'TRUE', 'true or false'],
    ['done', '1', 'true or false'],
  ])('in column %s, %j, is refused with its line', async (column, value, expects) => {
    const cells = Object.keys(all.columns ?? {}).map((name) =>
      name === column ? `"${value}"` : '',
    );
    files.write('f.csv', `${allHeader},1,1,,,,\n${cells.join(',')}\n`);
    expect(await told('f.csv', all)).toEqual([`f.csv:3 ${column}: '${value}' is not ${expects}.`]);
  });

  test('is located by physical line, before and after quoted line breaks', async () => {
    files.write(
      'f.csv',
      '\ufeffid,amount\r\n"a\r\nb\n\nc",1\r\nd,2\r\n"e\r\nf",x\r\n"g\n",3\r\nh,y\r\n',
    );
    expect(await told('f.csv')).toEqual([
      `f.csv:8 amount: 'x' is not ${decimal}.`,
      `f.csv:11 amount: 'y' is not ${decimal}.`,
    ]);
  });

  test('that may be a person is cut short and masked', async () => {
    files.write('f.csv', `id,amount\na,"Maximiliane Musterfrau-Schmidt, ${'x'.repeat(90)}"\n`);
    expect((await told('f.csv'))[0]).toContain(
      "'Maximiliane M*********-*******, ********…' is not",
    );
  });

  test('is told once per column and line, all together', async () => {
    files.write('f.csv', `${allHeader}a,x,y,z,,,\nb,1,1,2026-01-01,,,\nc,1,1,1,,,no\n`);
    expect((await told('f.csv', all)).map((line) => line.split(': ')[0])).toEqual([
      'f.csv:2 amount',
      'f.csv:2 count',
      'f.csv:2 day',
      'f.csv:4 day',
      'f.csv:4 done',
    ]);
  });

  test('of a currency column is located and not shown', async () => {
    const dataset: Partial<DatasetConfig> = {
      columns: { id: 'text', amount: 'decimal', currency: 'text' },
      amount: 'amount',
      currency: { column: 'currency' },
    };
    files.write('f.csv', 'id,amount,currency\na,1,EUR\nb,1,eur\nc,1,\nd,,\ne,,Jane\n');
    const code = 'The value is not a three-letter currency code, such as EUR, wherever there is';
    expect(await told('f.csv', dataset)).toEqual(
      [3, 4, 6].map((line) => `f.csv:${line} currency: ${code} an amount.`),
    );
  });

  test('of a column named currency must be the constant that is declared', async () => {
    const dataset: Partial<DatasetConfig> = {
      columns: { id: 'text', amount: 'decimal', currency: 'text' },
      amount: 'amount',
      currency: 'EUR',
    };
    files.write('f.csv', 'id,amount,currency\na,1,EUR\nb,1,USD\n');
    expect(await told('f.csv', dataset)).toEqual([
      'f.csv:3 currency: The value is not EUR, the currency declared for every amount.',
    ]);
  });
});

describe('a path', () => {
  test('that does not lead to a regular file is refused with the reason', async () => {
    mkdirSync(files.path('folder.csv'));
    symlinkSync(files.path('loop.csv'), files.path('loop.csv'));
    execFileSync('mkfifo', [files.path('pipe.csv')]);
    files.write('plain', 'x');
    expect(await told('absent.csv')).toEqual(['absent.csv: The file does not exist.']);
    expect(await told('folder.csv')).toEqual(['folder.csv: This is a directory.']);
    expect(await told('loop.csv')).toEqual(['loop.csv: The path is a loop of symbolic links.']);
    expect(await told('pipe.csv')).toEqual(['pipe.csv: This is not a regular file.']);
    expect(await told('plain/f.csv')).toEqual(['plain/f.csv: A part of the path is not a folder.']);
  });
});

describe('a file that changes while it is read', () => {
  const content = `id,amount\n${'abcdefghijklmnopqrstuvwxyz,1.00\n'.repeat(400_000)}`;

  /** Does something to the file on every turn of the event loop until the read has ended. */
  async function disturbed(disturb: (file: string) => void): Promise<string[]> {
    const file = files.write('big.csv', content);
    let turn = setImmediate(function again() {
      disturb(file);
      turn = setImmediate(again);
    });
    try {
      return await told('big.csv');
    } finally {
      clearImmediate(turn);
    }
  }

  test.each<[how: string, disturb: (file: string) => void]>([
    ['grows', (file) => appendFileSync(file, 'z,1.00\n')],
    ['shrinks', (file) => truncateSync(file, 5_000_000)],
    [
      'is rewritten in place',
      (file) => {
        const handle = openSync(file, 'r+');
        writeSync(handle, 'zz', content.length - 20);
        closeSync(handle);
      },
    ],
    [
      'is replaced by another',
      (file) => {
        writeFileSync(`${file}.new`, 'id,amount\n');
        renameSync(`${file}.new`, file);
      },
    ],
    ['is deleted', (file) => rmSync(file, { force: true })],
  ])('because it %s is refused', async (_, disturb) => {
    const problems = await disturbed(disturb);
    expect(problems.join('\n')).toMatch(
      /^big\.csv: The file (changed while it was being read|does not exist)\.$/m,
    );
  });

  test('leaves no copy behind', async () => {
    await disturbed((file) => appendFileSync(file, 'z,1.00\n'));
    const work = path.join(files.dir, 'work');
    const last = readdirSync(work).sort((a, b) => Number(b) - Number(a))[0] ?? '';
    expect(readdirSync(path.join(work, last))).toEqual([]);
  });
});
