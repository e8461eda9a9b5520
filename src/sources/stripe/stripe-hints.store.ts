import type { Knex } from 'knex';
import type { EventHint } from './event-hint';

/** Writes down that an object is to be asked for again; said twice is said once. */
export async function recordHint(
  app: Knex,
  name: string,
  { object, id, created }: EventHint,
  now: string,
): Promise<void> {
  await app.raw(
    `insert into tieout.stripe_hints (name, object, object_id, created_s, hinted_at)
     values (:name, :object, :id, :created, :now)
     on conflict (name, object, object_id) do update set hinted_at = excluded.hinted_at`,
    { name, object, id, created, now },
  );
}

/** A hint as it was noted. */
export interface NotedHint extends EventHint {
  /** To the microsecond, as text: by it the same hint is known again. */
  hintedAt: string;
}

/** Everything that was hinted at of one account and is not forgotten. */
export async function openHints(app: Knex, name: string): Promise<NotedHint[]> {
  const { rows } = await app.raw<{ rows: (Omit<NotedHint, 'created'> & { created: string })[] }>(
    `select object, object_id as id, created_s::text as created, hinted_at::text as "hintedAt"
     from tieout.stripe_hints where name = :name order by object, object_id`,
    { name },
  );
  return rows.map(({ created, ...hint }) => ({
    ...hint,
    created: created === null ? null : Number.parseInt(created, 10),
  }));
}

/** Forgets hints that were followed to their end; one that was given anew meanwhile stays. */
export async function forgetHints(
  app: Knex,
  name: string,
  hints: readonly NotedHint[],
): Promise<void> {
  await app.raw(
    `delete from tieout.stripe_hints h
     using json_to_recordset(:hints::json) as f (object text, id text, "hintedAt" timestamptz)
     where h.name = :name and h.object = f.object and h.object_id = f.id
       and h.hinted_at = f."hintedAt"`,
    { name, hints: JSON.stringify(hints) },
  );
}

/** Keeps what a sync could not ask for again, for the next one; a newer hint stays as it is. */
export async function keepHints(
  app: Knex,
  name: string,
  hints: readonly EventHint[],
  now: string,
): Promise<void> {
  await app.raw(
    `insert into tieout.stripe_hints (name, object, object_id, created_s, hinted_at)
     select :name, object, id, created, :now::timestamptz
     from json_to_recordset(:hints::json) as k (object text, id text, created bigint)
     on conflict (name, object, object_id) do nothing`,
    { name, hints: JSON.stringify(hints), now },
  );
}

/** Through when events were read and followed; null when they never were. ISO 8601, UTC. */
export async function eventsReadThrough(app: Knex, name: string): Promise<string | null> {
  const { rows } = await app.raw<{ rows: { at: string }[] }>(
    `select to_char(read_through at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
     from tieout.stripe_event_reads where name = ?`,
    [name],
  );
  return rows[0]?.at ?? null;
}

/** Of two syncs at once the later one says through when. */
export async function recordEventsRead(app: Knex, name: string, through: string): Promise<void> {
  await app.raw(
    `insert into tieout.stripe_event_reads as r (name, read_through) values (?, ?)
     on conflict (name) do update
       set read_through = greatest(r.read_through, excluded.read_through)`,
    [name, through],
  );
}
