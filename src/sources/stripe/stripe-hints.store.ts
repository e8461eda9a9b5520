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

/** What was hinted at of one account until an instant. */
export async function hintsUntil(app: Knex, name: string, until: string): Promise<EventHint[]> {
  const { rows } = await app.raw<{ rows: (Omit<EventHint, 'created'> & { created: string })[] }>(
    `select object, object_id as id, created_s::text as created
     from tieout.stripe_hints where name = :name and hinted_at <= :until
     order by object, object_id`,
    { name, until },
  );
  return rows.map(({ created, ...hint }) => ({
    ...hint,
    created: created === null ? null : Number.parseInt(created, 10),
  }));
}

/** Forgets hints that a sync, which began at this instant, has followed to its end. */
export async function forgetHints(app: Knex, name: string, until: string): Promise<void> {
  await app.raw('delete from tieout.stripe_hints where name = ? and hinted_at <= ?', [name, until]);
}
