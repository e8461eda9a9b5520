import type { Knex } from 'knex';
import { recordChange, type Actor } from '../access/audit-trail';
import { canonicalJson, sha256Hex, type Json } from '../core/canonical-json';
import { instantSql } from '../platform/http/fields';

/** A replay of a version, as it is kept: `result` is what was found, as whoever ran it says. */
export interface KeptReplay<Result> {
  replay_id: string;
  control_id: string;
  version: string;
  against: string;
  requested_by: string;
  recorded_at: string;
  result: Result;
}

export interface NewReplay {
  id: string;
  control: string;
  version: string;
  /** The version that was approved then. */
  against: string;
  result: Json;
}

/**
 * Keeps a replay with its version, and tells the trail, which holds the hash of the result; gives
 * when it was kept.
 */
export async function keepReplay(
  app: Knex,
  { id, control, version, against, result }: NewReplay,
  { actor, at }: { actor: Actor; at: string },
): Promise<string> {
  return app.transaction(async (trx) => {
    const event = await recordChange(trx, {
      at,
      actor,
      action: 'controls.replayed',
      subject: { kind: 'control_version', id: version },
      control,
      facts: { replay: id, against, result_sha256: sha256Hex(canonicalJson(result)) },
    });
    const { rows } = await trx.raw<{ rows: { recorded_at: string }[] }>(
      `insert into tieout.control_replays (replay_id, control_id, version, against, requested_by,
         recorded_at, result, audit_event)
       values (:id, :control, :version, :against, :by, :at, :result, :event)
       returning ${instantSql('recorded_at')} as recorded_at`,
      {
        ...{ id, control, version, against, event, at },
        by: actor.name,
        result: JSON.stringify(result),
      },
    );
    return rows[0]?.recorded_at ?? at;
  });
}

/** Of a version, newest first. */
export async function replaysOf<Result>(
  app: Knex,
  control: string,
  version: string,
  most: number,
): Promise<KeptReplay<Result>[]> {
  const { rows } = await app.raw<{ rows: KeptReplay<Result>[] }>(
    `select replay_id, control_id, version, against, requested_by,
       ${instantSql('recorded_at')} as recorded_at, result
     from tieout.control_replays where control_id = :control and version = :version
     order by recorded_at desc, replay_id limit :most`,
    { control, version, most },
  );
  return rows;
}

export async function latestReplay(
  trx: Knex,
  control: string,
  version: string,
): Promise<string | null> {
  const { rows } = await trx.raw<{ rows: { replay_id: string }[] }>(
    `select replay_id from tieout.control_replays
     where control_id = :control and version = :version
     order by recorded_at desc, replay_id limit 1`,
    { control, version },
  );
  return rows[0]?.replay_id ?? null;
}
