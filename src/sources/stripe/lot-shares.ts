/** What one lot holds at most; a lot is one transaction. */
const mostOfOne = { observations: 5000, bytes: 8_000_000 };

/** What the lots that fill beside each other hold at most, all together. */
const mostOfAll = { observations: 20_000, bytes: 32_000_000 };

/**
 * How large a lot may become: with many windows read beside each other each has its share of what
 * may be held, so that memory stays as flat where every window is full as where few are.
 */
export class LotShares {
  private fillers = 0;

  /** Counts one that fills lots; call what it gives, once or more, when it does no longer. */
  join(): () => void {
    this.fillers += 1;
    let isIn = true;
    return () => {
      this.fillers -= isIn ? 1 : 0;
      isIn = false;
    };
  }

  most(): { observations: number; bytes: number } {
    const by = Math.max(this.fillers, 1);
    return {
      observations: Math.min(mostOfOne.observations, Math.ceil(mostOfAll.observations / by)),
      bytes: Math.min(mostOfOne.bytes, Math.ceil(mostOfAll.bytes / by)),
    };
  }
}
