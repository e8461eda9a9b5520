import type { PlantedFinding } from './simulate-customer';
import type { SalesforceRecord, StripeRecord, WarehouseRow } from './records';
import type { LookAlike } from './world-context';

/** Where a world goes as it is made: a folder, or memory. Nothing comes back. */
export interface WorldSink {
  stripe(record: StripeRecord): void;
  salesforce(record: SalesforceRecord): void;
  warehouse(row: WarehouseRow): void;
  planted(finding: PlantedFinding): void;
  /** An anomaly that was asked for and found nobody to befall. */
  notPlanted(injection: string): void;
  lookAlike(lookAlike: LookAlike): void;
}
