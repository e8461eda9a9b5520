import { fixedBytes, PHYSICAL, type ParquetType } from './parquet-column';
import { ThriftCompact } from './thrift-compact';

/** Headers of a Parquet file, field by field as in parquet.thrift (apache/parquet-format 2.11). */

const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;
const CONVERTED = { utf8: 0, decimal: 5, date: 6, int64: 18 } as const;
const OPTIONAL = 1;

/** Where a column of a row group stands in the file. */
export interface WrittenColumn {
  rows: number;
  nulls: number;
  bytes: number;
  dictionaryOffset: number | null;
  dataOffset: number;
}

export interface WrittenRowGroup {
  rows: number;
  columns: WrittenColumn[];
}

export interface FileSchema {
  name: string;
  type: ParquetType;
}

export function dictionaryPageHeader(values: number, bytes: number): Buffer {
  const header = new ThriftCompact().i32(1, 2).i32(2, bytes).i32(3, bytes);
  return header.struct(7, (page) => page.i32(1, values).i32(2, ENCODING.plain)).end();
}

export function dataPageHeader(rows: number, bytes: number, isDictionary: boolean): Buffer {
  const encoding = isDictionary ? ENCODING.rleDictionary : ENCODING.plain;
  const header = new ThriftCompact().i32(1, 0).i32(2, bytes).i32(3, bytes);
  return header
    .struct(5, (page) =>
      page.i32(1, rows).i32(2, encoding).i32(3, ENCODING.rle).i32(4, ENCODING.rle),
    )
    .end();
}

/** FileMetaData: the last thing in the file, from which a reader starts. */
export function fileFooter(
  schema: readonly FileSchema[],
  groups: readonly WrittenRowGroup[],
): Buffer {
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  return new ThriftCompact()
    .i32(1, 1)
    .structList(2, [null, ...schema], (element, column) =>
      column === null
        ? element.text(4, 'schema').i32(5, schema.length)
        : schemaElement(element, column),
    )
    .i64(3, rows)
    .structList(4, groups, (element, group) => rowGroup(element, schema, group))
    .text(6, 'tieout')
    .end();
}

function rowGroup(
  element: ThriftCompact,
  schema: readonly FileSchema[],
  { rows, columns }: WrittenRowGroup,
): void {
  const bytes = columns.reduce((sum, column) => sum + column.bytes, 0);
  element
    .structList(1, columns, (chunk, column) => {
      const of = schema[columns.indexOf(column)];
      if (!of) throw new Error('a row group has more columns than its file');
      chunk
        .i64(2, column.dictionaryOffset ?? column.dataOffset)
        .struct(3, (meta) => columnMeta(meta, of, column));
    })
    .i64(2, bytes)
    .i64(3, rows);
}

function columnMeta(meta: ThriftCompact, { name, type }: FileSchema, column: WrittenColumn): void {
  const values = column.dictionaryOffset === null ? ENCODING.plain : ENCODING.rleDictionary;
  meta
    .i32(1, physicalOf(type))
    .i32List(2, [...new Set([ENCODING.plain, ENCODING.rle, values])])
    .textList(3, [name])
    .i32(4, 0)
    .i64(5, column.rows)
    .i64(6, column.bytes)
    .i64(7, column.bytes)
    .i64(9, column.dataOffset);
  if (column.dictionaryOffset !== null) meta.i64(11, column.dictionaryOffset);
  meta.struct(12, (statistics) => statistics.i64(3, column.nulls));
}

function physicalOf(type: ParquetType): number {
  switch (type.kind) {
    case 'text':
      return PHYSICAL.byteArray;
    case 'boolean':
      return PHYSICAL.boolean;
    case 'date':
      return PHYSICAL.int32;
    case 'integer':
    case 'timestamp':
      return PHYSICAL.int64;
    case 'decimal':
      return type.precision <= 18 ? PHYSICAL.int64 : PHYSICAL.fixed;
  }
}

function schemaElement(element: ThriftCompact, { name, type }: FileSchema): void {
  element.i32(1, physicalOf(type));
  if (physicalOf(type) === PHYSICAL.fixed) element.i32(2, fixedBytes(type));
  element.i32(3, OPTIONAL).text(4, name);
  switch (type.kind) {
    case 'text':
      element.i32(6, CONVERTED.utf8).struct(10, (logical) => logical.struct(1, () => undefined));
      return;
    case 'boolean':
      return;
    case 'integer':
      element.i32(6, CONVERTED.int64);
      return;
    case 'date':
      element.i32(6, CONVERTED.date).struct(10, (logical) => logical.struct(6, () => undefined));
      return;
    case 'timestamp':
      element.struct(10, (logical) =>
        logical.struct(8, (timestamp) =>
          timestamp.bool(1, type.isInstant).struct(2, (unit) => unit.struct(2, () => undefined)),
        ),
      );
      return;
    case 'decimal':
      element
        .i32(6, CONVERTED.decimal)
        .i32(7, type.scale)
        .i32(8, type.precision)
        .struct(10, (logical) =>
          logical.struct(5, (decimal) => decimal.i32(1, type.scale).i32(2, type.precision)),
        );
  }
}
