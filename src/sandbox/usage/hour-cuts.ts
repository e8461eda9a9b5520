import { HOUR, type Instant } from '../kit/instants';
import type { Boundaries, Stretch } from './service-times';

/** Which part of each hour one meter's usage may lie in. */
export class HourCuts {
  /** Hours that a boundary falls into, and the part of them that is used; null: none is. */
  private readonly cut = new Map<Instant, Stretch | null>();
  private at = 0;

  constructor(
    private readonly stretches: readonly Stretch[],
    boundaries: Boundaries,
  ) {
    const inside = new Map<Instant, Instant[]>();
    for (const at of boundaries.all) {
      const hour = at - (at % HOUR);
      if (at === hour) continue;
      inside.set(hour, [...(inside.get(hour) ?? []), at]);
    }
    for (const [hour, cuts] of inside) this.cut.set(hour, this.longestPart(hour, cuts));
  }

  /** The longest part of the hour that no boundary cuts and that is served. */
  private longestPart(hour: Instant, cuts: readonly Instant[]): Stretch | null {
    const ends = [hour, ...cuts, hour + HOUR];
    let longest: Stretch | null = null;
    for (let i = 1; i < ends.length; i += 1) {
      const [from = 0, to = 0] = [ends[i - 1], ends[i]];
      if (!this.isServed(from) || to - from <= (longest ? longest.to - longest.from : 0)) continue;
      longest = { from, to };
    }
    return longest;
  }

  private isServed(at: Instant): boolean {
    return this.stretches.some(({ from, to }) => at >= from && at < to);
  }

  /** What of this hour may be used; asked hour by hour, forwards. Null: nothing. */
  partOf(hour: Instant): Stretch | null {
    const cut = this.cut.get(hour);
    if (cut !== undefined) return cut;
    let stretch = this.stretches[this.at];
    while (stretch !== undefined && stretch.to <= hour) {
      this.at += 1;
      stretch = this.stretches[this.at];
    }
    return stretch !== undefined && stretch.from <= hour ? { from: hour, to: hour + HOUR } : null;
  }
}
