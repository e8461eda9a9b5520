import type { components, operations } from './schema';

type Schemas = components['schemas'];
/** The body of an operation's answer. */
type Body<Operation, Status extends number = 200> = Operation extends {
  responses: Record<Status, { content: { 'application/json': infer Content } }>;
}
  ? Content
  : never;

export type ControlSummary = Schemas['ControlSummary'];
export type ControlDetail = Body<operations['getControl']>;
export type Run = Schemas['Run'];
export type RunDetail = Body<operations['getRun']>;
export type Population = RunDetail['populations'][number];
export type Exception = Schemas['Exception'];
export type ExceptionDetail = Body<operations['getException']>;
export type ExceptionEvent = ExceptionDetail['events'][number];
export type ExceptionsPage = Body<operations['listExceptions']>;
export type SourcesOverview = Body<operations['listSources']>;
export type Overview = Schemas['Overview'];
export type ControlHealth = Schemas['ControlHealth'];
export type OpenGroup = Schemas['OpenGroup'];
export type RiskPoint = Schemas['RiskPoint'];
export type ExceptionMove = Schemas['ExceptionMove'];
export type BulkResult = Schemas['BulkResult'];
export type Person = Schemas['Person'];
export type Grant = Person['grants'][number];
export type Role = Grant['role'];
export type JourneyStep = Schemas['JourneyStep'];
export type LineItems = Schemas['LineItems'];
export type Close = Schemas['Close'];
export type AuditEvent = Schemas['AuditEvent'];
export type ControlVersion = Schemas['ControlVersion'];
export type ControlReplay = Schemas['ControlReplay'];
export type ReplayedPeriod = Schemas['ReplayedPeriod'];
export type ReplayedFinding = Schemas['ReplayedFinding'];
export type VersionDifference = Schemas['VersionDifference'];
export type ReconcilingItem = Schemas['ReconcilingItem'];
export type ListedSession = Schemas['LiveSession'];
export type SessionsList = Schemas['SessionsList'];
export type OwnToken = Schemas['OwnToken'];
