/**
 * Views of schema books in which the product tells of its own work: what it read, landed and ran.
 * They are whole at any time, so no extraction has to be proven before they are judged; a control
 * over extraction that had to wait for complete extractions could never say that one is missing.
 */
const ownRecord: ReadonlySet<string> = new Set([
  'books.source_windows',
  'books.source_scopes',
  'books.latest_extracts',
  'books.hard_deletions',
  'books.changed_documents',
  'books.mapping_problems',
  'books.control_runs',
  'books.control_versions',
  'books.planted_canaries',
  'books.control_exceptions',
  'books.due_runs',
  'books.evidence_checks',
]);

export const isOwnRecord = (relation: string): boolean => ownRecord.has(relation);
