import type { ControlVersion } from '../../api/types';

export type VersionStep = 'submit' | 'approve';

/** null: nothing is missing. The API decides again who may take the step. */
export function standingOf(
  { state, submitted_by: author }: ControlVersion,
  reader: { person: string | null; submits: boolean; approves: boolean },
): { text: string; step: VersionStep | null } | null {
  switch (state) {
    case 'initial':
    case 'approved':
      return null;
    case 'registered':
      return reader.submits
        ? { text: 'It runs on request only. Put it forward for approval.', step: 'submit' }
        : { text: 'It runs on request only. A control author must put it forward.', step: null };
    case 'submitted':
      if (author !== null && author.person_id === reader.person)
        return { text: 'You put it forward. Somebody else must approve it.', step: null };
      return reader.approves
        ? {
            text: `${author?.name ?? 'Its author'} put it forward. Read what it changes first.`,
            step: 'approve',
          }
        : { text: 'A reviewer must approve it.', step: null };
  }
}
