/** The only four ways a run ends. A deficiency is a person's judgement, never one of these. */
export const outcomes = ['passed', 'exceptions', 'not_evaluated', 'errored'] as const;
export type Outcome = (typeof outcomes)[number];

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];
