import { HOUR, type Instant } from '../kit/instants';
import { historyStart } from '../company/segments';
import { meters } from '../company/catalog';
import type { MeterKey } from '../truth/catalog';
import type { Usage } from '../truth/usage';
import type { WarehouseRow } from '../world/records';
import { instantText } from './day-text';

/** The store writes in as many partitions, and closes an hour in each of them. */
const partitions = 8;
/** An hour is closed so long after it has ended; what comes later is late. */
const closesAfter = 600;

interface Totals {
  rows: Float64Array;
  quantity: Float64Array;
}

/**
 * The product store's own totals by hour and meter, kept while customers pass by: the independent
 * count and sum that an extraction of usage_hourly is held against (IPE-01). Quantities of an hour
 * stay below 2^53.
 */
export class UsageWatermark {
  private readonly hours: number;
  private readonly totals = new Map<MeterKey, Totals>();

  constructor(private readonly now: Instant) {
    this.hours = Math.max(0, Math.floor((now - closesAfter - historyStart) / HOUR));
    for (const { key } of meters)
      this.totals.set(key, {
        rows: new Float64Array(this.hours + 2),
        quantity: new Float64Array(this.hours + 2),
      });
  }

  add({ store }: Pick<Usage, 'store'>): void {
    for (const { meter, hour, quantity } of store) {
      const totals = this.totals.get(meter);
      const i = (hour - historyStart) / HOUR;
      if (totals === undefined) continue;
      totals.rows[i] = (totals.rows[i] ?? 0) + 1;
      totals.quantity[i] = (totals.quantity[i] ?? 0) + quantity;
    }
  }

  /** One row of usage_watermark for every hour and meter, the youngest hour maybe still open. */
  *rows(): Generator<WarehouseRow> {
    for (const [meter, { rows, quantity }] of this.totals)
      for (let i = 0; i < rows.length; i += 1) {
        const hour = historyStart + i * HOUR;
        if (hour + HOUR > this.now) break;
        const isClosed = i < this.hours;
        yield {
          table: 'usage_watermark',
          row: {
            hour_utc: instantText(hour),
            meter_key: meter,
            partitions_expected: String(partitions),
            partitions_closed: String(isClosed ? partitions : partitions - 3),
            row_count: String(rows[i] ?? 0),
            quantity: String(quantity[i] ?? 0),
            closed_at: isClosed ? instantText(hour + HOUR + closesAfter) : null,
          },
        };
      }
  }
}
