import type { Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { CustomerWorld, Stage, WorldContext } from './customer-world';

export type Magnitude = 'low' | 'high';

/** Something in one customer's world that an injection could befall. */
export interface Candidate {
  /** Unique within the injection: the id of the object it changes. */
  key: string;
  /** When it matters to the books: how near it lies to a period's end is chosen by this. */
  at: Instant;
}

/** What a control must find because of an injection. */
export interface ExpectedFinding {
  /** 'BK-02' */
  control: string;
  /** 'BK02-PRICE' */
  code: string;
  /** The source's id of the item, as the control's population keys it: 'in_…', '006…'. */
  key: string;
  /** The amount that would be wrong in the accounts, where one number says it. */
  impact: { amount: Minor; currency: string } | null;
}

/** One anomaly of CONTROLS §5.3: one change at one stage; the rest follows by itself. */
export interface Injection {
  /** 'A05' */
  id: string;
  title: string;
  stage: Stage;
  /** The injection that must befall another customer with it, or neither does. */
  otherSide?: string;
  /** What it could befall here; the world is complete up to and with the stage. */
  candidates(world: CustomerWorld, context: WorldContext): Candidate[];
  /**
   * Makes the change in place, at this magnitude ('low' is near the tolerance or the smallest that
   * makes sense, 'high' is gross), and says what must be found.
   */
  apply(
    world: CustomerWorld,
    candidate: Candidate,
    magnitude: Magnitude,
    context: WorldContext,
  ): ExpectedFinding[];
}

/** Thrown, before anything is changed, by an anomaly of the company that has nobody to befall. */
export class NobodyFits extends RangeError {}

/** An anomaly of no one customer: ledgers, periods, access, what the sources answer. */
export interface CompanyInjection<Company> {
  id: string;
  title: string;
  apply(company: Company, magnitude: Magnitude, context: WorldContext): ExpectedFinding[];
}
