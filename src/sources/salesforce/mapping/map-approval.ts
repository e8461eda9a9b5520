import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  bookDateOf,
  entityOf,
  idOf,
  instantOf,
  nullableIdOf,
  openRecord,
  optionalIdOf,
  optionalInstantOf,
  type SalesforceContext,
} from './salesforce-values';

/** The first three characters of an id say what it is of. */
const kinds: Record<string, string> = {
  '006': 'opportunity',
  '801': 'order',
  '802': 'order_line',
  '800': 'contract',
  '0Q0': 'quote',
};

const decisions = new Set([
  'Approved',
  'Fault',
  'Held',
  'NoResponse',
  'Pending',
  'Reassigned',
  'Rejected',
  'Removed',
  'Started',
] as const);

/** A request for approval as a whole. */
export const mapProcessInstance: ObjectMapping<SalesforceContext> = {
  object: 'ProcessInstance',
  tables: ['approvals'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const entity = entityOf(reader, 'ProcessInstance', context);
    const requested = instantOf(reader, 'CreatedDate');
    const decided = optionalInstantOf(reader, 'CompletedDate');
    const target = idOf(reader, 'TargetObjectId');
    const approval = {
      approval_id: idOf(reader, 'Id'),
      entity_id: entity.entityId,
      app: 'salesforce',
      target_kind: kinds[target.slice(0, 3)] ?? null,
      target_id: target,
      rule: reader.optionalObject('ProcessDefinition')?.optionalText('Name') ?? null,
      requested_by: nullableIdOf(reader, 'SubmittedById'),
      requested_at: requested,
      requested_on: bookDateOf(requested, entity),
      decided_by: optionalIdOf(reader, 'LastActorId'),
      decided_at: decided,
      decided_on: decided === null ? null : bookDateOf(decided, entity),
      decision: reader.oneOf('Status', decisions),
    };
    return { approvals: [approval] };
  },
};

/** One decision on the way. */
export const mapProcessInstanceStep: ObjectMapping<SalesforceContext> = {
  object: 'ProcessInstanceStep',
  tables: ['approval_steps'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const entity = entityOf(reader, 'ProcessInstanceStep', context);
    const decided = instantOf(reader, 'CreatedDate');
    const step = {
      approval_step_id: idOf(reader, 'Id'),
      approval_id: idOf(reader, 'ProcessInstanceId'),
      entity_id: entity.entityId,
      decision: reader.oneOf('StepStatus', decisions),
      decided_by: nullableIdOf(reader, 'ActorId'),
      original_approver: nullableIdOf(reader, 'OriginalActorId'),
      decided_at: decided,
      decided_on: bookDateOf(decided, entity),
      comments: reader.optionalText('Comments'),
    };
    return { approval_steps: [step] };
  },
};
