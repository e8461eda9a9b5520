import { salesforceId } from '../../kit/ids';
import type { ApprovalTruth } from '../../truth/sold';
import type { SalesforceRecord } from '../../world/records';
import { auditFields, recordOf, restInstant, restInstantOrNull } from './salesforce-values';

/**
 * An approval process and its steps: the submission, and the decision. The decision's comment keeps
 * the rule and the values that were approved, as the approval action writes them; a comment is
 * free text, so spaces around a value mean nothing (L22).
 */
export function* renderApproval(approval: ApprovalTruth): Iterable<SalesforceRecord> {
  const { decidedAt, submittedAt, submittedBy } = approval;
  yield recordOf('ProcessInstance', approval.processId, {
    ...{ TargetObjectId: approval.targetId, Status: approval.decision },
    ...{ SubmittedById: submittedBy, CompletedDate: restInstantOrNull(decidedAt) },
    ...auditFields({
      ...{ createdAt: submittedAt, createdBy: submittedBy, modifiedAt: decidedAt ?? submittedAt },
      modifiedBy: decidedAt === null ? submittedBy : approval.actorId,
    }),
  });
  yield stepRecord(approval, {
    id: salesforceId('ProcessInstanceStep', approval.processId, 'started'),
    ...{ status: 'Started', actorId: submittedBy, originalActorId: submittedBy },
    ...{ at: submittedAt, comments: `Rule: ${approval.rule}.` },
  });
  if (decidedAt !== null)
    yield stepRecord(approval, {
      ...{ id: approval.stepId, status: approval.decision, actorId: approval.actorId },
      ...{ originalActorId: approval.originalActorId, at: decidedAt },
      comments: `Rule: ${approval.rule}. Values: ${JSON.stringify(approval.values)}`,
    });
}

interface Step {
  id: string;
  status: string;
  actorId: string;
  originalActorId: string;
  at: number;
  comments: string;
}

const stepRecord = (approval: ApprovalTruth, step: Step): SalesforceRecord =>
  recordOf('ProcessInstanceStep', step.id, {
    ...{ ProcessInstanceId: approval.processId, StepStatus: step.status },
    ...{ ActorId: step.actorId, OriginalActorId: step.originalActorId },
    ...{ Comments: step.comments, CreatedDate: restInstant(step.at), CreatedById: step.actorId },
    SystemModstamp: restInstant(step.at),
  });
