import { tmpdir } from 'node:os';
import { canonicalJson, type Json } from '../../core/canonical-json';
import { quoteText } from '../../core/sql-text';
import { DuckDb } from '../../platform/duckdb';
import { readCanonical } from './read-canonical';

test('what DuckDB writes is canonical, or is written again', async () => {
  const characters = Array.from({ length: 0x2100 }, (_, code) => String.fromCodePoint(code + 1));
  const texts = [...characters, '\u{1f9fe}', '\uffff', '"\\/', ''];
  const duck = await DuckDb.open({
    memoryMb: 64,
    threads: 1,
    tempDir: tmpdir(),
    readWriteDirs: [],
  });
  try {
    const values = texts.map((text) => `(${quoteText(text)})`).join(', ');
    const rows = await duck.rows(
      `select to_json([struct_pack(a := text, b := null::varchar)])::varchar as items
       from (values ${values}) v(text)`,
    );
    const known = new Map<object, string>();
    const read = rows.map(({ items }) => readCanonical<Json[]>(items ?? '', known));
    expect(read).toEqual(texts.map((text) => [{ a: text, b: null }]));
    expect(read.map((value) => canonicalJson(value, known))).toEqual(
      read.map((value) => canonicalJson(value)),
    );
    const again = read.filter((value) => !known.has(value));
    expect(again.length).toBeLessThan(0x20);
  } finally {
    duck.close();
  }
});
