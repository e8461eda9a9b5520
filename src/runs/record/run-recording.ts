import type { Knex } from 'knex';
import { codePrefix } from '../../core/control';
import { dueDates } from '../../core/exception';
import { plannedFindings } from '../../core/plan';
import {
  FindingIntake,
  type ExceptionChanges,
  type ExceptionScope,
} from '../../exceptions/finding-intake';
import type { WrittenFinding } from '../../exceptions/finding-row';
import { dateInZone, type Clock } from '../../platform/clock';
import type { PreparedRun } from '../prepare-run';
import type { RunDraft } from '../run-draft';
import type { Claim } from '../run-types';

/** What stands in the open transaction: when it is said to happen, and the findings so far. */
interface Begun {
  trx: Knex.Transaction;
  at: string;
  intake: FindingIntake | null;
}

/**
 * The one transaction that records a run. It begins with the first finding that is read, so that
 * Postgres works on findings while the others are still computed; whatever ends the run before its
 * record is whole takes all of them back.
 */
export class RunRecording {
  private begun: Begun | null = null;

  constructor(
    private readonly prepared: PreparedRun,
    private readonly claim: Claim,
    private readonly means: { app: Knex; clock: Clock; idleMs: number },
  ) {}

  /** Takes a finding of a verdict that is not known yet. A promise is to be waited for. */
  take(finding: WrittenFinding): Promise<void> | undefined {
    const intake = this.begun?.intake;
    return intake ? intake.add(finding) : this.openFor(finding);
  }

  /** All findings are there: Postgres works on the last while their evidence is kept. */
  findingsEnded(): void {
    void this.begun?.intake?.flush();
  }

  /** Commits what `work` did. When that fails, nothing is recorded, and one may begin again. */
  async commit<T>(
    draft: RunDraft,
    work: (trx: Knex.Transaction, at: string) => Promise<T>,
  ): Promise<T> {
    // Without a verdict, what was found before is no finding.
    if (draft.findings === null) await this.abandon();
    const begun = (this.begun ??= await this.begin());
    try {
      if (draft.findings) begun.intake ??= await this.openIntake(begun);
      const result = await work(begun.trx, begun.at);
      await begun.trx.commit();
      // A commit that the database refuses shows here.
      await begun.trx.executionPromise;
      this.begun = null;
      return result;
    } catch (cause) {
      await this.abandon();
      throw cause;
    }
  }

  /** Within commit: the exceptions as the findings of a draft leave them. */
  async changes(findings: { count: number }): Promise<ExceptionChanges> {
    if (!this.begun?.intake) throw new Error('no transaction takes findings');
    return this.begun.intake.finish(findings.count);
  }

  /** Takes back what was not committed; nothing to do is no failure. */
  async abandon(): Promise<void> {
    const { begun } = this;
    this.begun = null;
    await begun?.intake?.settle();
    await begun?.trx.rollback();
  }

  get scope(): ExceptionScope {
    const { control, entity, period } = this.prepared;
    return { control: control.id, entity: entity.id, period: period.key };
  }

  private async openFor(finding: WrittenFinding): Promise<void> {
    const begun = (this.begun ??= await this.begin());
    begun.intake ??= await this.openIntake(begun);
    await begun.intake.add(finding);
  }

  private async begin(): Promise<Begun> {
    const { app, clock, idleMs } = this.means;
    const trx = await app.transaction();
    // Between its findings and its record a scheduled run looks for what it planted.
    await trx.raw(`set local idle_in_transaction_session_timeout = ${idleMs}`);
    return { trx, at: clock.now(), intake: null };
  }

  private openIntake({ trx, at }: Begun): Promise<FindingIntake> {
    const { control, entity, calendar, request } = this.prepared;
    return FindingIntake.open(trx, this.scope, {
      runId: this.claim.runId,
      at,
      asOf: request.asOf,
      asked: askedOf(control),
      dueOn: dueDates(dateInZone(at, entity.time_zone), calendar),
    });
  }
}

/** Every finding this version of the control looks for, as procedure/code. */
function askedOf(control: PreparedRun['control']): string[] {
  return control.procedures.flatMap((procedure) =>
    plannedFindings(procedure, codePrefix(control.id)).map(
      ({ code }) => `${procedure.name}/${code}`,
    ),
  );
}
