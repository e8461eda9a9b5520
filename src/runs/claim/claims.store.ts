import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { instantSql } from '../../platform/http/fields';
import { Refusal } from '../../core/problem';
import type { Claim, RunRequest } from '../run-types';

/** How long a claim holds without a sign of life; renewed well before it ends. */
export const LEASE_S = 60;

/** A run whose process died is tried again this often in all, then recorded as errored. */
export const MAX_ATTEMPTS = 3;

/** The lease ended and someone else took the run over; what this process found is void. */
export class ClaimLost extends Error {
  constructor(runId: string) {
    super(`run ${runId} was taken over by another process`);
    this.name = 'ClaimLost';
  }
}

/**
 * Who may run what. A claim is a row with a lease: two processes cannot hold the same control,
 * entity and period, a dead one is taken over, and its fence keeps it from recording afterwards.
 * Only the clock of the database decides.
 */
export class ClaimsStore {
  constructor(
    private readonly knex: Knex,
    private readonly worker: string,
  ) {}

  /**
   * Throws Refusal `run_in_progress` while another process holds a live claim, and `already_run`
   * when the run was to have a number that is taken.
   */
  async claim(request: RunRequest): Promise<Claim> {
    const scope = [request.control, request.entity, request.period];
    return this.knex.transaction(async (trx) => {
      await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [scope.join('/')]);
      await this.requireNotOlder(trx, request, scope);
      const abandoned = await this.takeOver(trx, request, scope);
      return abandoned ?? this.startNext(trx, request, scope);
    });
  }

  /** A look from an earlier day could clear what a later one found. */
  private async requireNotOlder(
    trx: Knex.Transaction,
    request: RunRequest,
    scope: string[],
  ): Promise<void> {
    const { rows } = await trx.raw<{ rows: { newest: string | null }[] }>(
      `select max(as_of) as newest from tieout.runs where control_id = ? and entity_id = ?
         and period_key = ? and outcome in ('passed', 'exceptions')`,
      scope,
    );
    const newest = rows[0]?.newest ?? null;
    if (newest !== null && request.asOf < newest)
      throw new Refusal(
        'invalid_request',
        `${scope.join(' ')} has a verdict as of ${newest}; as of ${request.asOf} is older.`,
      );
  }

  private async takeOver(
    trx: Knex.Transaction,
    request: RunRequest,
    scope: string[],
  ): Promise<Claim | null> {
    const found = await trx.raw<{ rows: { run_id: string; live: boolean }[] }>(
      `select run_id, lease_until > clock_timestamp() as live from tieout.run_claims
       where control_id = ? and entity_id = ? and period_key = ? and not recorded`,
      scope,
    );
    const claim = found.rows[0];
    if (!claim) return null;
    if (claim.live)
      throw new Refusal(
        'run_in_progress',
        `${scope.join(' ')} is being run by another process; wait for it to end.`,
      );
    const taken = await trx.raw<{ rows: { run_id: string; seq: number; fence: number }[] }>(
      `update tieout.run_claims set fence = fence + 1, worker = ?, as_of = ?, cause = ?,
         reason = coalesce(?, reason),
         requested_by = ?, claimed_at = clock_timestamp(),
         lease_until = clock_timestamp() + make_interval(secs => ${LEASE_S})
       where run_id = ? returning run_id, seq, fence`,
      [this.worker, request.asOf, request.cause, request.reason, request.requestedBy, claim.run_id],
    );
    return claimOf(taken.rows[0]);
  }

  private async startNext(
    trx: Knex.Transaction,
    request: RunRequest,
    scope: string[],
  ): Promise<Claim> {
    const started = await trx.raw<{ rows: { run_id: string; seq: number; fence: number }[] }>(
      `insert into tieout.run_claims (control_id, entity_id, period_key, seq, run_id, cause, reason,
         requested_by, as_of, worker, lease_until)
       select ?, ?, ?, coalesce(max(seq), 0) + 1, ?, ?,
         case when max(seq) is null then ? else coalesce(?, 'run again on request') end, ?, ?, ?,
         clock_timestamp() + make_interval(secs => ${LEASE_S})
       from tieout.run_claims where control_id = ? and entity_id = ? and period_key = ?
       returning run_id, seq, fence`,
      [
        ...scope,
        randomUUID(),
        request.cause,
        request.reason,
        request.reason,
        request.requestedBy,
        request.asOf,
        this.worker,
        ...scope,
      ],
    );
    const claim = claimOf(started.rows[0]);
    if (request.onlyAs !== undefined && claim.seq !== request.onlyAs)
      throw new Refusal('already_run', `${scope.join(' ')} was run as number ${request.onlyAs}.`);
    return claim;
  }

  /** Throws ClaimLost when the claim is no longer this process's. */
  async renew(claim: Claim): Promise<void> {
    const { rowCount } = await this.knex.raw<{ rowCount: number }>(
      `update tieout.run_claims
       set lease_until = clock_timestamp() + make_interval(secs => ${LEASE_S})
       where run_id = ? and fence = ? and not recorded`,
      [claim.runId, claim.fence],
    );
    if (rowCount !== 1) throw new ClaimLost(claim.runId);
  }

  /** In the transaction that records the run: ends the claim, or voids that transaction. */
  async finish(
    trx: Knex.Transaction,
    claim: Claim,
  ): Promise<{ claimedAt: string; reason: string | null }> {
    const { rows } = await trx.raw<{ rows: { claimedAt: string; reason: string | null }[] }>(
      `update tieout.run_claims set recorded = true
       where run_id = ? and fence = ? and not recorded
       returning ${instantSql('claimed_at')} as "claimedAt", reason`,
      [claim.runId, claim.fence],
    );
    const row = rows[0];
    if (!row) throw new ClaimLost(claim.runId);
    return row;
  }

  /** Those of some attempts that can record no more: recorded, taken over, or past their lease. */
  async endedAttempts<T extends { runId: string; fence: number }>(
    attempts: readonly T[],
  ): Promise<T[]> {
    const { rows } = await this.knex.raw<{
      rows: { run_id: string; fence: number; over: boolean }[];
    }>(
      `select run_id, fence, recorded or lease_until < clock_timestamp() as over
       from tieout.run_claims where run_id = any (?::uuid[])`,
      [attempts.map(({ runId }) => runId)],
    );
    const claims = new Map(rows.map((row) => [row.run_id, row]));
    return attempts.filter(({ runId, fence }) => {
      const claim = claims.get(runId);
      return claim !== undefined && (claim.over || fence < claim.fence);
    });
  }

  /** Claims whose process died, oldest first: to be run again. */
  async abandoned(): Promise<RunRequest[]> {
    const { rows } = await this.knex.raw<{ rows: RunRequest[] }>(
      `select control_id as control, entity_id as entity, period_key as period, as_of as "asOf",
         cause, reason, requested_by as "requestedBy", seq as "onlyAs"
       from tieout.run_claims where not recorded and lease_until < clock_timestamp()
       order by claimed_at`,
    );
    return rows;
  }
}

function claimOf(row: { run_id: string; seq: number; fence: number } | undefined): Claim {
  if (!row) throw new Error('a claim was written and not returned');
  return { runId: row.run_id, seq: row.seq, fence: row.fence };
}
