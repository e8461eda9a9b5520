import type { WorldWish } from '../world/world-request';

/**
 * The company that `tieout demo` brings along: three months of history, few enough to be read twice
 * in seconds, with one problem of each kind that befell as late as it could.
 */
export const demoWish: WorldWish = {
  ...{ seed: '2', scale: 0.0015, now: '2024-10-04T08:05:00Z', lookAlikes: true },
  // prettier-ignore
  injections: [
    'A01', 'A02', 'A03', 'A05', 'A06', 'A07', 'A08', 'A11', 'A12', 'A14', 'A17', 'A20', 'A21',
    'A24', 'A27', 'A28', 'A38', 'A42', 'A44', 'A47', 'A50', 'A55', 'A56', 'A61', 'A105',
  ],
  ...{ magnitude: 'high', where: 'last-month' },
};

/** What the demo closes, and the day it looks back from: the last that every source proves. */
export const demoClose = {
  month: 'September 2024',
  lastDay: '2024-09-30',
  asOf: '2024-10-02',
  today: '2024-10-04',
} as const;
