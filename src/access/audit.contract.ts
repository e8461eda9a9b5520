import { z } from 'zod';
import { isDate } from '../core/calendar';
import { exportFormat } from '../platform/export/send-export';
import { countText, instant, sha256Text } from '../platform/http/fields';
import { pageOf, pageQuery } from '../platform/http/page';
import { scopeQuery } from '../platform/http/scope-query';

/** What the API says of the audit trail. */

const day = z.string().refine(isDate, 'must be a date written "YYYY-MM-DD"');

const auditFilter = {
  ...scopeQuery,
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)*$/, 'must look like exceptions or exceptions.proposed')
    .optional()
    .describe('An action, or what it begins with: exceptions, people.role_given.'),
  actor: z
    .string()
    .max(300)
    .regex(/^\P{Cc}+$/u, 'must be one line of text')
    .optional(),
  subject: z
    .string()
    .max(200)
    .regex(/^\P{Cc}+$/u, 'must be one line of text')
    .optional(),
  from: day.optional().describe('First day, UTC.'),
  to: day.optional().describe('First day after it, UTC.'),
};
export const auditQuery = z.strictObject({ ...auditFilter, ...pageQuery });
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditExportQuery = z.strictObject({ ...auditFilter, ...exportFormat });
export type AuditExportQuery = z.infer<typeof auditExportQuery>;

export const auditEvent = z
  .object({
    event_id: z.guid(),
    event_no: countText,
    at: instant,
    actor: z.string(),
    person: z.object({ person_id: z.guid(), name: z.string() }).nullable(),
    via: z.enum(['session', 'token', 'cli', 'run', 'system']),
    action: z.string(),
    subject_kind: z.string(),
    subject_id: z.string(),
    control_id: z.string().nullable(),
    entity_id: z.string().nullable(),
    period_key: z.string().nullable(),
    reason: z.string().nullable(),
    facts: z.record(z.string(), z.unknown()),
    leaf_no: countText.describe('Its place in the evidence log.'),
    leaf_sha256: sha256Text,
  })
  .meta({ id: 'AuditEvent', description: 'One governed change; never changed itself.' });
export type AuditEvent = z.infer<typeof auditEvent>;

export const auditPage = pageOf(auditEvent, 'AuditPage');
export type AuditPage = z.infer<typeof auditPage>;
