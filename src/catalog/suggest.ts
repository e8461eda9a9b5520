/** Edits (insert, delete, replace, swap neighbours) that turn one word into another. */
function distance(from: string, to: string): number {
  const rows = [...Array(from.length + 1).keys()].map((i) => [i]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? i + j;
  for (let i = 0; i <= from.length; i += 1) {
    for (let j = i === 0 ? 1 : 0; j <= to.length; j += 1) {
      if (j === 0 || i === 0) {
        rows[i]?.splice(j, 1, i + j);
        continue;
      }
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      rows[i]?.splice(j, 1, swapped ? Math.min(best, at(i - 2, j - 2) + 1) : best);
    }
  }
  return at(from.length, to.length);
}

/** The known name closest to what was written, when it is close enough to be what was meant. */
export function closest(written: string, known: Iterable<string>): string | null {
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: { name: string; edits: number } | null = null;
  for (const name of known) {
    const edits = distance(written.toLowerCase(), name.toLowerCase());
    if (edits <= limit && edits < (best?.edits ?? Infinity)) best = { name, edits };
  }
  return best?.name ?? null;
}

/** ` Did you mean 'amount'?` or nothing: the end of a message about an unknown name. */
export function didYouMean(written: string, known: Iterable<string>): string {
  const name = closest(written, known);
  return name === null ? '' : ` Did you mean '${name}'?`;
}
