import type { ReconcilingItem } from '../../api/types';

export const itemStates = ['proposed', 'active', 'expired', 'revoked'] as const;

export const itemStateWords: Record<ReconcilingItem['state'], string> = {
  proposed: 'Waits for approval',
  active: 'In force',
  expired: 'Expired',
  revoked: 'Ended',
};
