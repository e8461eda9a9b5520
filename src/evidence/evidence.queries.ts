import type { Knex } from 'knex';
import type { Reach } from '../core/permissions';
import { instantSql } from '../platform/http/fields';
import { reachParameter, reachSql } from '../platform/http/reach-sql';

const within = reachSql({
  entity: 'r.entity_id',
  start: 'r.period_start',
  end: 'r.period_end',
});

export interface EvidenceFile {
  /** Path in the run's manifest. */
  path: string;
  sha256: string;
  /** Size, as text. */
  bytes: string;
}

export interface RunEvidence {
  recordedAt: string;
  files: EvidenceFile[];
}

/** Reads which files prove a run; their content is the evidence store's. */
export class EvidenceQueries {
  constructor(private readonly app: Knex) {}

  /** By path; null when there is no such run. */
  async ofRun(runId: string, reach: Reach): Promise<RunEvidence | null> {
    const runs = await this.app.raw<{ rows: { recordedAt: string }[] }>(
      `select ${instantSql('recorded_at')} as "recordedAt" from tieout.runs r
       where run_id = :runId and ${within}`,
      { runId, reach: reachParameter(reach) },
    );
    const [run] = runs.rows;
    if (run === undefined) return null;
    const { rows } = await this.app.raw<{ rows: EvidenceFile[] }>(
      'select path, sha256, bytes from tieout.run_files where run_id = :runId order by path',
      { runId },
    );
    return { ...run, files: rows };
  }

  /** Only a path that is in the run's manifest names a file: nothing else can be reached. */
  async file(runId: string, path: string, reach: Reach): Promise<EvidenceFile | null> {
    const { rows } = await this.app.raw<{ rows: EvidenceFile[] }>(
      `select f.path, f.sha256, f.bytes
       from tieout.run_files f join tieout.runs r using (run_id)
       where run_id = :runId and f.path = :path and ${within}`,
      { runId, path, reach: reachParameter(reach) },
    );
    return rows[0] ?? null;
  }
}
