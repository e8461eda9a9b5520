import type { Knex } from 'knex';
import type { Json } from '../../core/canonical-json';
import { sidesOf } from '../../core/control';
import { evidenceLeaf, type EvidenceLeaf } from '../../core/evidence-leaf';
import type { RunAlert } from '../../core/run-alert';
import type { AlertOutbox } from '../../alerts/alert-outbox';
import type { EvidenceStore } from '../../evidence/evidence-store';
import { storeManifest, type EvidenceFile } from '../../evidence/run-manifest';
import type { ExceptionsStore } from '../../exceptions/exceptions.store';
import type { ExceptionChanges, ExceptionScope } from '../../exceptions/finding-intake';
import type { Clock } from '../../platform/clock';
import { reopenSignoff } from '../../signoff/reopen-signoff';
import type { ClaimsStore } from '../claim/claims.store';
import type { RunDraft } from '../run-draft';
import type { PreparedRun } from '../prepare-run';
import type { RunRecording } from './run-recording';
import type { PopulationRow, RunsStore } from './runs.store';
import type { Claim, RecordedRun, RunStep, SourceRead } from '../run-types';

export interface RecordDependencies {
  app: Knex;
  claims: ClaimsStore;
  runs: RunsStore;
  exceptions: ExceptionsStore;
  outbox: AlertOutbox;
  evidence: EvidenceStore;
  clock: Clock;
}

export interface RecordInput {
  prepared: PreparedRun;
  claim: Claim;
  draft: RunDraft;
  files: EvidenceFile[];
  stepMs: Partial<Record<RunStep, number>>;
  /** Its transaction, which may hold findings already. */
  recording: RunRecording;
}

const nothingChanged: ExceptionChanges = {
  opened: 0,
  reopened: 0,
  changed: 0,
  seen: 0,
  cleared: 0,
};

/**
 * Records a run whole or not at all: one transaction for its facts, statement, exceptions, evidence
 * leaf and message. Throws ClaimLost when another process has taken the run over, and what the
 * database says when it finds that the statement does not foot.
 */
export function recordRun(
  input: RecordInput,
  dependencies: RecordDependencies,
): Promise<RecordedRun> {
  return input.recording.commit(input.draft, (trx, at) => recordIn(trx, at, input, dependencies));
}

async function recordIn(
  trx: Knex.Transaction,
  at: string,
  { prepared, claim, draft, files, stepMs, recording }: RecordInput,
  { claims, runs, exceptions, outbox, evidence }: RecordDependencies,
): Promise<RecordedRun> {
  const { scope } = recording;
  const begun = await claims.finish(trx, claim);
  const previous = await runs.lockChain(trx, scope.control, scope.entity);
  const facts = manifestFacts(prepared, claim, draft, { ...begun, at });
  const manifest = await storeManifest(evidence, facts, files, previous);
  await runs.insertRun(trx, {
    ...runRow(prepared, claim, draft),
    reason: begun.reason,
    started_at: begun.claimedAt,
    recorded_at: at,
    step_ms: JSON.stringify(stepMs),
    manifest_sha256: manifest.sha256,
    previous_manifest_sha256: previous,
  });
  await runs.insertPopulations(trx, claim.runId, populationRows(prepared, draft));
  await runs.insertStatements(trx, claim.runId, draft.statements);
  await runs.insertFiles(trx, claim.runId, [...files, manifest]);
  const changes = draft.findings ? await recording.changes(draft.findings) : nothingChanged;
  await reopenSignoff(trx, scope, { id: claim.runId, at });
  await runs.insertLeaf(trx, claim.runId, leafOf(facts, scope, at, manifest.sha256));
  const open = await exceptions.openForAlert(trx, scope);
  await outbox.enqueue(trx, alertOf(prepared, claim, draft, changes, open));
  return {
    runId: claim.runId,
    seq: claim.seq,
    outcome: draft.outcome,
    reason: draft.reason,
    statements: draft.statements,
    findings: draft.findings?.count ?? 0,
    opened: changes.opened,
    reopened: changes.reopened,
    cleared: changes.cleared,
    stepMs,
  };
}

function leafOf(
  facts: ReturnType<typeof manifestFacts>,
  scope: ExceptionScope,
  at: string,
  manifestSha256: string,
): EvidenceLeaf {
  return evidenceLeaf({
    type: 'run.recorded',
    at,
    ...facts.run,
    ...scope,
    outcome: facts.outcome,
    manifest_sha256: manifestSha256,
  });
}

/** What the manifest says of a run besides its files (CONTROLS §4.2, item 1). */
function manifestFacts(
  { request, control, loaded, entity, period, values, overridden, engine }: PreparedRun,
  claim: Claim,
  draft: RunDraft,
  begun: { claimedAt: string; reason: string | null; at: string },
) {
  return {
    run: {
      id: claim.runId,
      seq: claim.seq,
      attempt: claim.fence,
      cause: request.cause,
      reason: begun.reason,
    },
    requested_by: request.requestedBy,
    control: {
      id: control.id,
      title: control.title,
      objective: control.objective,
      assertions: [...control.assertions],
      key_control: control.key_control,
      owner: control.owner,
      reviewer: control.reviewer,
      version: loaded.version,
    },
    entity: { id: entity.id, name: entity.name, time_zone: entity.time_zone },
    period: { ...period },
    as_of: request.asOf,
    parameters: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, value.value]),
    ),
    parameters_of_entity: [...overridden],
    engine: { ...engine },
    started_at: begun.claimedAt,
    recorded_at: begun.at,
    outcome: draft.outcome,
    outcome_reason: draft.reason,
    findings: String(draft.findings?.count ?? 0),
    canaries: draft.canaries?.map((canary) => ({ ...canary })) ?? null,
  } satisfies Record<string, Json>;
}

function runRow(
  { request, control, loaded, entity, period, values, overridden }: PreparedRun,
  claim: Claim,
  draft: RunDraft,
) {
  const parameters = Object.entries(values).map(([name, value]) => {
    const own = Object.hasOwn(control.parameters, name) ? 'control' : 'run';
    return [name, { ...value, set_by: overridden.includes(name) ? 'entity' : own }];
  });
  return {
    canaries: draft.canaries && JSON.stringify(draft.canaries),
    parameters: JSON.stringify(Object.fromEntries(parameters)),
    run_id: claim.runId,
    control_id: control.id,
    control_title: control.title,
    control_version: loaded.version,
    entity_id: entity.id,
    period_key: period.key,
    period_start: period.start,
    period_end: period.end,
    seq: claim.seq,
    cause: request.cause,
    requested_by: request.requestedBy,
    as_of: request.asOf,
    outcome: draft.outcome,
    outcome_reason: draft.reason,
    attempts: claim.fence,
    findings: draft.findings?.count ?? 0,
    findings_sha256: draft.findings?.sha256 ?? null,
  };
}

function populationRows({ control }: PreparedRun, draft: RunDraft): PopulationRow[] {
  return control.procedures.flatMap((procedure) =>
    sidesOf(procedure).flatMap(({ side, ref }): PopulationRow[] => {
      const frozen = draft.populations.get(ref.population);
      if (!frozen) return [];
      return [
        {
          procedure: procedure.name,
          side: side === 'right' ? 'right' : 'left',
          population: ref.population,
          label: ref.label,
          source: frozen.source,
          items: frozen.items,
          file_sha256: frozen.sha256,
          file_bytes: frozen.bytes,
          verified: verifiedOf(frozen.sources),
        },
      ];
    }),
  );
}

/** What proves a population: said once where all that it reads is proven alike. */
function verifiedOf(sources: readonly SourceRead[]): string {
  const [first, ...others] = new Set(sources.map(({ verified }) => verified));
  return others.length === 0
    ? (first ?? '')
    : sources.map(({ relation, verified }) => `${relation}: ${verified}`).join('; ');
}

function alertOf(
  { control, entity, period, request, link }: PreparedRun,
  claim: Claim,
  draft: RunDraft,
  changes: ExceptionChanges,
  open: Pick<RunAlert, 'open' | 'totals' | 'top'>,
): RunAlert {
  return {
    control: { id: control.id, title: control.title, owner: control.owner },
    entity: { id: entity.id, name: entity.name },
    period: period.key,
    runId: claim.runId,
    seq: claim.seq,
    outcome: draft.outcome,
    asOf: request.asOf,
    reason: draft.reason,
    ...open,
    fresh: changes.opened,
    reopened: changes.reopened,
    cleared: changes.cleared,
    link,
  };
}
