import type { Control } from './control';

type AssertionName = Control['assertions'][number];

/**
 * What an assertion is called by those who rely on it: AICPA AU-C 315 (transactions / balances)
 * and PCAOB AS 1105.11, which knows five and no cut-off of its own.
 */
export const assertionLabels: Record<AssertionName, { aicpa: string; pcaob: string }> = {
  completeness: { aicpa: 'Completeness', pcaob: 'Completeness' },
  accuracy: {
    aicpa: 'Accuracy / Accuracy, valuation and allocation',
    pcaob: 'Valuation or allocation',
  },
  existence: { aicpa: 'Occurrence / Existence', pcaob: 'Existence or occurrence' },
  cut_off: { aicpa: 'Cutoff', pcaob: 'Existence or occurrence; Completeness' },
  valuation: { aicpa: 'Accuracy, valuation and allocation', pcaob: 'Valuation or allocation' },
  rights: { aicpa: 'Rights and obligations', pcaob: 'Rights and obligations' },
  presentation: {
    aicpa: 'Classification / Presentation',
    pcaob: 'Presentation and disclosure',
  },
};

/** `cut_off` as people write it. */
export const assertionWords = (name: AssertionName): string => name.replace('_', '-');
