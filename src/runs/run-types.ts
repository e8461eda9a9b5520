import type { Outcome } from '../core/outcome';
import type { ProcedureStatement } from '../core/statement';
import type { ColumnType } from '../platform/config';

/** The five steps of a run, in order (DESIGN §5). */
export const runSteps = ['claim', 'gate', 'freeze', 'evaluate', 'record'] as const;
export type RunStep = (typeof runSteps)[number];

/** What is asked for: one control, one entity, one period. */
export interface RunRequest {
  control: string;
  entity: string;
  period: string;
  /** Day whose end the run looks back from, 'YYYY-MM-DD'. */
  asOf: string;
  cause: 'scheduled' | 'requested';
  /** Why a period that was run before is run again; null for a first run. */
  reason: string | null;
  requestedBy: string;
  /** The number that this run must have; refused as `already_run` when that one is taken. */
  onlyAs?: number;
}

/** A run that this process holds: others keep off until the lease ends. */
export interface Claim {
  runId: string;
  seq: number;
  /** Rises with every claim of the same run; an older one can no longer record. */
  fence: number;
}

/** Told as a run goes on; a bar on a terminal, an event on a page. */
export interface RunProgress {
  step(step: RunStep): void;
  /** Items frozen so far, over all populations of the run. */
  frozen(items: number): void;
}

/** What the engine needs of a frozen population: the file and the columns in it. */
export interface PopulationFile {
  file: string;
  columns: readonly { name: string }[];
}

/** Whether a planted anomaly was found; null when none could be planted, and then why. */
export interface CanaryResult {
  procedure: string;
  code: string;
  found: boolean | null;
  note: string | null;
}

/** A population as the run froze it: a Parquet file whose hash is the evidence. */
export interface FrozenPopulation {
  /** Name of the .sql file. */
  population: string;
  source: 'books' | 'files';
  /** Absolute path of the Parquet file in the run's work folder. */
  file: string;
  sha256: string;
  bytes: string;
  items: string;
  columns: { name: string; type: ColumnType }[];
  /** As in the .sql file, and as it was executed with its parameters bound. */
  sql: string;
  boundSql: string;
  sources: SourceRead[];
}

/** One thing a population was read from, and what proves that it was all there. */
export interface SourceRead {
  /** `books.orders` or `files.payments`. */
  relation: string;
  /** One line for people: 'control total agrees', 'no control total: unverified'. */
  verified: string;
  facts: Record<string, string | null>;
  /** Files of the source kept byte for byte, by absolute path in the work folder. */
  files: { path: string; name: string; sha256: string }[];
}

/** What `run-control` gives back once the run is recorded. */
export interface RecordedRun {
  runId: string;
  seq: number;
  outcome: Outcome;
  reason: string | null;
  statements: ProcedureStatement[];
  findings: number;
  opened: number;
  reopened: number;
  cleared: number;
  stepMs: Partial<Record<RunStep, number>>;
}
