import type { SalesforceRecord } from '../../world/records';
import type { HardDelete, Merge, OrgConditions } from './org-conditions';
import { schemaOf, shortId, type OrgSchema } from './org-schema';
import { restInstant, type FieldValue } from './wire-format';

export type OrgRecord = Readonly<Record<string, FieldValue>>;
type Table = Map<string, OrgRecord>;

interface OrgEvent {
  atMs: number;
  apply(tables: Map<string, Table>): void;
}

interface OrgState {
  tables: Map<string, Table>;
  rows: Map<string, readonly OrgRecord[]>;
}

const KEPT_STATES = 4;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The records of an org, as they stand at an instant under the conditions that were set. */
export class Org {
  schema: OrgSchema = new Map();
  private records: readonly SalesforceRecord[] = [];
  private conditions: OrgConditions = {};
  private events: OrgEvent[] = [];
  private openCommits: { stampMs: number; committedMs: number }[] = [];
  /** By how many events have happened; the last ones asked for. */
  private readonly states = new Map<number, OrgState>();
  private latest: { nowMs: number; state: OrgState } | null = null;

  /** @param recycleBinDays after so many days a deleted row is gone for queryAll too. */
  constructor(private readonly recycleBinDays: number) {}

  /** The company moves on: these are the records from now on. */
  load(records: Iterable<SalesforceRecord>): void {
    this.records = [...records];
    this.schema = schemaOf(this.records);
    this.rebuild();
  }

  setConditions(conditions: OrgConditions): void {
    this.conditions = conditions;
    this.rebuild();
  }

  /** All rows of an object that are not yet purged, deleted ones included. */
  rows(object: string, nowMs: number): readonly OrgRecord[] {
    const key = object.toLowerCase();
    const { tables, rows: cached } = this.stateAt(nowMs);
    const rows = cached.get(key) ?? [...(tables.get(key)?.values() ?? [])];
    cached.set(key, rows);
    const oldest = nowMs - this.recycleBinDays * DAY_MS;
    return rows.filter((row) => row.IsDeleted !== true || stampOf(row) >= oldest);
  }

  find(object: string, id: string, nowMs: number): OrgRecord | undefined {
    return this.stateAt(nowMs).tables.get(object.toLowerCase())?.get(shortId(id));
  }

  isFilterable(object: string, field: string): boolean {
    return !this.conditions.unfilterable?.some(
      (hidden) => sameName(hidden.object, object) && sameName(hidden.field, field),
    );
  }

  /** Until when everything that was stamped has also been committed, in whole minutes. */
  latestDateCovered(endMs: number, nowMs: number): number {
    const open = this.openCommits
      .filter(({ stampMs, committedMs }) => stampMs <= nowMs && committedMs > nowMs)
      .map(({ stampMs }) => stampMs);
    const held = this.conditions.latestDateCovered;
    const limits = [endMs, nowMs, ...open, ...(held === undefined ? [] : [Date.parse(held)])];
    return wholeMinute(Math.min(...limits));
  }

  /** When the delete log begins. */
  deleteLogStart(nowMs: number): number {
    const cut = this.conditions.deleteLogStartsAt;
    return Math.max(nowMs - 15 * DAY_MS, cut === undefined ? 0 : Date.parse(cut));
  }

  /** What was erased for good and is in the delete log. */
  loggedHardDeletes(object: string, nowMs: number): readonly HardDelete[] {
    return (this.conditions.hardDeletes ?? []).filter(
      (one) => one.isLogged && sameName(one.object, object) && Date.parse(one.at) <= nowMs,
    );
  }

  private rebuild(): void {
    this.events = eventsOf(this.conditions, this.records, this.schema);
    const stamps = new Map(
      this.records.map(({ object, record }) => [keyOf(object, record.Id), stampOf(record)]),
    );
    this.openCommits = (this.conditions.lateCommits ?? []).map(({ object, id, committedAt }) => ({
      stampMs: stamps.get(keyOf(object, id)) ?? Infinity,
      committedMs: Date.parse(committedAt),
    }));
    this.states.clear();
    this.latest = null;
  }

  private stateAt(nowMs: number): OrgState {
    if (this.latest?.nowMs === nowMs) return this.latest.state;
    const active = this.events.filter(({ atMs }) => atMs <= nowMs);
    const state = this.states.get(active.length) ?? this.stateAfter(active);
    this.latest = { nowMs, state };
    return state;
  }

  private stateAfter(active: readonly OrgEvent[]): OrgState {
    const tables = committedTables(this.records, this.conditions);
    for (const event of active) event.apply(tables);
    const state = { tables, rows: new Map<string, readonly OrgRecord[]>() };
    if (this.states.size >= KEPT_STATES) this.states.clear();
    this.states.set(active.length, state);
    return state;
  }
}

/** When a row was last touched: SystemModstamp, or what the object has instead. */
export const stampOf = (row: OrgRecord): number =>
  Date.parse(String(row.SystemModstamp ?? row.LastModifiedDate ?? row.CreatedDate ?? ''));

export const wholeMinute = (ms: number): number => ms - (ms % MINUTE_MS);

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Every record, those of late transactions as they were before. */
function committedTables(
  records: readonly SalesforceRecord[],
  { lateCommits = [] }: OrgConditions,
): Map<string, Table> {
  const tables = new Map<string, Table>();
  const late = new Map(lateCommits.map((one) => [keyOf(one.object, one.id), one]));
  for (const { object, record } of records) {
    const commit = late.get(keyOf(object, record.Id));
    const row: OrgRecord | undefined = commit === undefined ? record : commit.before;
    const table = tables.get(object.toLowerCase()) ?? new Map<string, OrgRecord>();
    tables.set(object.toLowerCase(), table);
    if (row !== undefined) table.set(shortId(record.Id), row);
  }
  return tables;
}

const keyOf = (object: string, id: string): string => `${object.toLowerCase()}/${shortId(id)}`;

function eventsOf(
  conditions: OrgConditions,
  records: readonly SalesforceRecord[],
  schema: OrgSchema,
): OrgEvent[] {
  const { lateCommits = [], bulkUpdates = [], merges = [], hardDeletes = [] } = conditions;
  const byKey = new Map(records.map(({ object, record }) => [keyOf(object, record.Id), record]));
  const commits = lateCommits.map(({ object, id, committedAt }) => ({
    atMs: Date.parse(committedAt),
    apply: (tables: Map<string, Table>) => {
      const record = byKey.get(keyOf(object, id));
      if (record !== undefined) tables.get(object.toLowerCase())?.set(shortId(id), record);
    },
  }));
  const updates = bulkUpdates.map(({ object, ids, at, set = {} }) => ({
    atMs: Date.parse(at),
    apply: (tables: Map<string, Table>) => {
      for (const id of ids) change(tables.get(object.toLowerCase()), id, Date.parse(at), set);
    },
  }));
  const merged = merges.map((merge) => ({
    atMs: Date.parse(merge.at),
    apply: (tables: Map<string, Table>) => applyMerge(tables, merge, schema),
  }));
  const erased = hardDeletes.map(({ object, id, at }) => ({
    atMs: Date.parse(at),
    apply: (tables: Map<string, Table>) => {
      tables.get(object.toLowerCase())?.delete(shortId(id));
    },
  }));
  return [...commits, ...updates, ...merged, ...erased].sort((a, b) => a.atMs - b.atMs);
}

/** A row with other values and the stamps of a change at this instant. */
function change(table: Table | undefined, id: string, atMs: number, set: OrgRecord): void {
  const row = table?.get(shortId(id));
  if (table === undefined || row === undefined) return;
  const at = restInstant(atMs);
  table.set(shortId(id), { ...row, ...set, SystemModstamp: at, LastModifiedDate: at });
}

function applyMerge(tables: Map<string, Table>, merge: Merge, schema: OrgSchema): void {
  const atMs = Date.parse(merge.at);
  const losers = new Set(merge.losers.map(shortId));
  for (const id of losers)
    change(tables.get('account'), id, atMs, { IsDeleted: true, MasterRecordId: merge.master });
  for (const [object, table] of tables) {
    const links = [...(schema.get(object)?.fields.values() ?? [])].filter(
      ({ name, referenceTo }) => referenceTo.includes('Account') && name !== 'MasterRecordId',
    );
    for (const row of [...table.values()]) {
      const moved = links.filter(({ name }) => losers.has(shortId(String(row[name]))));
      const set = Object.fromEntries(moved.map(({ name }) => [name, merge.master]));
      if (moved.length > 0) change(table, String(row.Id), atMs, set);
    }
  }
}
