/** In the order in which auditors list them. */
export const assertions = [
  'completeness',
  'accuracy',
  'existence',
  'cut_off',
  'valuation',
  'rights',
  'presentation',
] as const;
