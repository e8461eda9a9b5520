import type { Day, Instant } from '../kit/instants';
import type { Minor } from '../kit/units';

/**
 * What the system that billed before left behind of one customer, as frozen at the cut-over, and
 * what the migration says it loaded of it (CONTROLS CO-01). It is collected by the old system: the
 * ledger of the new one begins without it.
 */
export interface Cutover {
  billed: LegacyInvoice[];
  loaded: MigratedReceivable[];
}

/** An invoice of the old system. */
export interface LegacyInvoice {
  /** 'OLD-400001-1' */
  id: string;
  currency: string;
  /** Service period, half-open. */
  periodStart: Day;
  periodEnd: Day;
  issuedOn: Day;
  amount: Minor;
  /** Not yet paid at the cut-over. */
  open: Minor;
}

export interface MigratedReceivable {
  legacyInvoiceId: string;
  currency: string;
  amount: Minor;
  loadedAt: Instant;
}
