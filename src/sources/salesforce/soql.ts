/** A stretch of instants, half-open; ISO 8601, UTC. */
export interface InstantRange {
  from: string;
  to: string;
}

/** A query that can go on behind any record: it is ordered by what no two records share. */
export interface KeysetQuery {
  object: string;
  fields: readonly string[];
  /** The field that windows go by. */
  stamp: string;
  /** Null where that field cannot be filtered by: then all records are meant. */
  range: InstantRange | null;
  /** By the field of windows and Id, or by Id alone: a second pass goes by the other key. */
  order: 'stamp' | 'id';
  /** Further condition. */
  where?: string;
}

const instant = (text: string): string => new Date(text.replace(/\+0000$/, 'Z')).toISOString();

/** Conditions of a window; the same for reading and for counting. */
export function windowCondition(
  stamp: string,
  range: InstantRange | null,
  where?: string,
): string[] {
  const bounds = range
    ? [`${stamp} >= ${instant(range.from)}`, `${stamp} < ${instant(range.to)}`]
    : [];
  return where === undefined ? bounds : [...bounds, where];
}

/** The query, from its beginning or from behind a record. */
export function keysetSoql(
  { object, fields, stamp, range, order, where }: KeysetQuery,
  after: { id: string; stamp: string } | null,
): string {
  const conditions = windowCondition(stamp, range, where);
  if (after !== null) {
    const at = order === 'stamp' ? instant(after.stamp) : '';
    const later = `Id > '${after.id}'`;
    conditions.push(
      order === 'id' ? later : `((${stamp} = ${at} AND ${later}) OR ${stamp} > ${at})`,
    );
  }
  const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const by = order === 'stamp' ? `${stamp}, Id` : 'Id';
  return `SELECT ${fields.join(', ')} FROM ${object}${filter} ORDER BY ${by}`;
}

/** The fields that a query selects, of its text; none of what is no such query. */
export function selectedFields(soql: string | null): Set<string> {
  const [, fields = ''] = /^SELECT (.*?) FROM /s.exec(soql ?? '') ?? [];
  return new Set(fields === '' ? [] : fields.split(', '));
}

/** How many records a window has, by the same conditions; by currency where records name one. */
export function countSoql(
  object: string,
  conditions: readonly string[],
  byCurrency: boolean,
): string {
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return byCurrency
    ? `SELECT CurrencyIsoCode, COUNT(Id) n FROM ${object}${where} GROUP BY CurrencyIsoCode`
    : `SELECT COUNT(Id) n FROM ${object}${where}`;
}
