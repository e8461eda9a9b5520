import { demoAsOf, demoPeriod, type DemoEntity } from './demo-company';

/** A finding that a control must make on the demo's data. Amounts are in major units. */
export interface ExpectedFinding {
  control: string;
  entity: DemoEntity['id'];
  code: string;
  key: Record<string, string>;
  currency: string;
  impact: string;
  /** What was done to the data, for people. */
  planted: string;
}

/** What one run of the demo must come to: these findings, and no other. */
export interface ExpectedRun {
  control: string;
  entity: DemoEntity['id'];
  period: string;
  as_of: string;
  outcome: 'passed' | 'exceptions';
  findings: Omit<ExpectedFinding, 'control' | 'entity'>[];
}

const controls = ['BK-01', 'CA-01', 'CA-04', 'IN-01'];

/** The truth beside the data, one entry per control and entity. */
export function expectedRuns(findings: readonly ExpectedFinding[]): ExpectedRun[] {
  return controls.flatMap((control) =>
    (['ni-ie', 'ni-us'] as const).map((entity) => {
      const own = findings
        .filter((finding) => finding.control === control && finding.entity === entity)
        .map(({ code, key, currency, impact, planted }) => ({
          code,
          key,
          currency,
          impact,
          planted,
        }));
      return {
        control,
        entity,
        period: demoPeriod.key,
        as_of: demoAsOf,
        outcome: own.length > 0 ? 'exceptions' : 'passed',
        findings: own,
      };
    }),
  );
}
