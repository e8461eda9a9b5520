import { convertAt } from '../company/fx-rates';
import type { Day } from '../kit/instants';
import type { Minor, Rate } from '../kit/units';
import type { RecognitionMethod } from '../truth/catalog';
import type { Entity } from '../truth/company';
import { accounts } from './accounts';
import type { LineRevenue, Split } from './line-revenue';

/**
 * How a billed line becomes revenue: by its own plan, by its contract's, or when credit is
 * used.
 */
export type RevenuePlan = 'own' | 'contract' | 'deposit';

/** What the subledger knows of an invoice line, or of service that is not yet billed. */
export interface RevenueLineFacts {
  /** 'il_…', also where no invoice has it yet. */
  id: string;
  obligationId: string;
  method: RecognitionMethod;
  plan: RevenuePlan;
  revenueAccount: string;
  currency: string;
  /** amount − discount − inclusive tax − promotional grants (CONTROLS §2.2). */
  base: Minor;
  /** Tax of the line, of both kinds. */
  tax: Minor;
  start: Day;
  end: Day;
  /** The first day on which the subledger knew of the service. */
  knownOn: Day;
}

/** A line in the subledger: its plan, and what of it has left the contract liability. */
export class RevenueLine {
  /** Day and rate of the invoice; null before it is final. */
  billed: { on: Day; rate: Rate } | null = null;
  /** Of a bundle's line: the rate at which its contract is kept. */
  contractRate: Rate | null = null;
  /** Base not credited yet. */
  private open: Minor;
  private released = 0n;

  constructor(
    readonly facts: RevenueLineFacts,
    readonly revenue: LineRevenue,
    private readonly entity: Entity,
  ) {
    this.open = facts.base;
  }

  /** The liability that its billing goes to. */
  get liability(): string {
    return this.facts.plan === 'deposit' ? accounts.prepaidCredit : accounts.contractLiability;
  }

  get openBase(): Minor {
    return this.open;
  }

  /** Whole amount of the line at the invoice's rate. */
  functional(amount: Minor): Minor {
    const { currency } = this.facts;
    const rate = this.billed?.rate ?? 0n;
    return convertAt(amount, currency, this.entity.currency, rate);
  }

  /** What leaves the liability, at the invoice's rate; all parts add up to the whole. */
  release(amount: Minor): Minor {
    const before = this.functional(this.released);
    this.released += amount;
    return this.functional(this.released) - before;
  }

  /**
   * A credit on a day. A credit on a deposit lowers its price and
   * not the credit that can be used, so it is contra revenue; a line under its contract's plan
   * has been earned
   * by the contract, so a credit is contra revenue and a void takes the billing back.
   */
  credit(day: Day, amount: Minor, how: 'credit' | 'void' | 'hold'): Split {
    this.open -= amount;
    switch (this.facts.plan) {
      case 'deposit':
        return how === 'void' ? { earned: 0n, deferred: amount } : { earned: amount, deferred: 0n };
      case 'contract':
        return how === 'credit'
          ? { earned: amount, deferred: 0n }
          : { earned: 0n, deferred: amount };
      case 'own':
        return this.revenue.credit(day, amount, how === 'hold');
    }
  }

  restore(day: Day, split: Split): void {
    this.open += split.earned + split.deferred;
    if (this.facts.plan === 'own') this.revenue.restore(day, split);
  }
}
