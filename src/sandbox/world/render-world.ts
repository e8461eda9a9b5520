import type { PaidOut } from '../cash/pay-out';
import { renderFxRates } from '../company/fx-rates';
import { renderCutover } from '../company/render-cutover';
import { renderPeople } from '../company/render-people';
import type { Roster } from '../company/roster';
import { renderAgeing } from '../ledger/age-receivables';
import { CompanyLedger } from '../ledger/company-ledger';
import { renderBank, renderLedger } from '../ledger/render-ledger';
import { renderSalesforce } from '../salesforce/render/render-salesforce';
import { renderSalesforceOrg } from '../salesforce/render/render-salesforce-org';
import { renderStripeAccount } from '../stripe/render/render-account';
import { renderStripe } from '../stripe/render/render-stripe';
import { entities, type EntityId } from '../truth/company';
import { renderUsage } from '../usage/render-usage';
import { UsageWatermark } from '../usage/usage-watermark';
import type { Company, CompanyOrder } from './company';
import type { CustomerWorld, WorldContext } from './customer-world';
import { NobodyFits } from './injection';
import type { WarehouseRow } from './records';
import type { WorldSink } from './world-sink';

/**
 * Writes the world as the systems around it show it: each customer as it passes by, then what
 * belongs to no customer.
 */
export class WorldRendering {
  private readonly ledger: CompanyLedger;
  private readonly watermark: UsageWatermark;

  constructor(
    private readonly context: WorldContext,
    private readonly paidOut: PaidOut,
    private readonly sink: WorldSink,
  ) {
    this.ledger = new CompanyLedger(context);
    this.watermark = new UsageWatermark(context.options.now);
  }

  addCustomer(world: CustomerWorld): void {
    const { context, paidOut, sink } = this;
    for (const record of renderSalesforce(world, context)) sink.salesforce(record);
    for (const record of renderStripe(world, context, paidOut)) sink.stripe(record);
    this.write(renderCutover(world));
    this.write(renderUsage(world));
    this.watermark.add(world.usage);
    this.write(renderLedger(world.customer, world.ledger));
    this.write(renderAgeing(world.customer.key, world.ledger.ageing));
    this.write(this.ledger.rowsOf(world.ledger, world.customer.key));
    this.write(renderBank(world.wires));
  }

  /** What belongs to no customer, with what befalls it; gives the anomalies that nobody fits. */
  addCompany(roster: Roster, orders: readonly CompanyOrder[]): string[] {
    const { context, paidOut, ledger, sink } = this;
    const { people } = roster;
    const records = [...renderSalesforceOrg(roster, context)];
    ledger.close(paidOut);
    const without = this.befall({ people, records, paidOut, ledger }, orders);
    for (const record of records) sink.salesforce(record);
    this.writeAccounts();
    this.write(ledger.render());
    this.write(renderBank(paidOut.bankLines));
    this.write(renderFxRates(context.options.seed, context.options.now));
    this.write(renderPeople(roster));
    this.write(this.watermark.rows());
    return without;
  }

  private befall(company: Company, orders: readonly CompanyOrder[]): string[] {
    const without: string[] = [];
    for (const { injection, magnitude } of orders) {
      try {
        const findings = injection.apply(company, magnitude, this.context);
        if (findings.length === 0) without.push(injection.id);
        for (const finding of findings)
          this.sink.planted({ ...finding, injection: injection.id, customer: null });
      } catch (cause) {
        if (!(cause instanceof NobodyFits)) throw cause;
        without.push(injection.id);
      }
    }
    return without;
  }

  private writeAccounts(): void {
    const { payouts, movements } = this.paidOut;
    const books = { payouts, movements, links: this.paidOut };
    for (const entity of Object.keys(entities) as EntityId[])
      for (const record of renderStripeAccount(entity, books, this.context.options))
        this.sink.stripe(record);
  }

  private write(rows: Iterable<WarehouseRow>): void {
    for (const row of rows) this.sink.warehouse(row);
  }
}
