export interface DiffLine {
  /** 1 for the first line of its text. */
  no: number;
  text: string;
}

export interface DiffRow {
  kind: 'same' | 'changed' | 'added' | 'removed';
  before: DiffLine | null;
  after: DiffLine | null;
}

export interface DiffPart {
  /** same: a stretch far from any change. */
  kind: 'rows' | 'same';
  rows: readonly DiffRow[];
}

/** Texts longer than this are compared only at their ends: the table would not fit in memory. */
const mostCells = 4_000_000;

const linesOf = (text: string | null): string[] =>
  text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n');

/** Two texts line beside line; what was rewritten stands beside what it was before. */
export function diffLines(before: string | null, after: string | null): DiffRow[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;
  const middle = pairsOf(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  const same = (from: number, to: number, count: number): Pair[] =>
    Array.from({ length: count }, (_, index) => [from + index, to + index]);
  const pairs: Pair[] = [
    ...same(0, 0, head),
    ...middle.map(([a, b]): Pair => [a === null ? null : a + head, b === null ? null : b + head]),
    ...same(old.length - tail, now.length - tail, tail),
  ];
  return besideEachOther(pairs, old, now);
}

/** Indices of lines that are the same, or of one side alone. */
type Pair = [before: number | null, after: number | null];

/** The longest common subsequence, and what stands between its lines. */
function pairsOf(old: readonly string[], now: readonly string[]): Pair[] {
  const width = now.length + 1;
  if (old.length * width > mostCells)
    return [...old.map((_, a): Pair => [a, null]), ...now.map((_, b): Pair => [null, b])];
  const common = new Uint32Array((old.length + 1) * width);
  const at = (a: number, b: number): number => common[a * width + b] ?? 0;
  for (let a = old.length - 1; a >= 0; a -= 1)
    for (let b = now.length - 1; b >= 0; b -= 1)
      common[a * width + b] =
        old[a] === now[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
  const pairs: Pair[] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < now.length) {
    const isSame = a < old.length && b < now.length && old[a] === now[b];
    const takesOld = !isSame && a < old.length && (b >= now.length || at(a + 1, b) >= at(a, b + 1));
    pairs.push([isSame || takesOld ? a : null, takesOld ? null : b]);
    if (isSame || takesOld) a += 1;
    if (!takesOld) b += 1;
  }
  return pairs;
}

/** Lines that went and lines that came, between the same two lines, stand side by side. */
function besideEachOther(
  pairs: readonly Pair[],
  old: readonly string[],
  now: readonly string[],
): DiffRow[] {
  const line = (texts: readonly string[], index: number): DiffLine => ({
    no: index + 1,
    text: texts[index] ?? '',
  });
  const rows: DiffRow[] = [];
  let [gone, come]: [DiffLine[], DiffLine[]] = [[], []];
  const flush = (): void => {
    for (let index = 0; index < Math.max(gone.length, come.length); index += 1) {
      const [before, after] = [gone[index] ?? null, come[index] ?? null];
      const kind = before === null ? 'added' : after === null ? 'removed' : 'changed';
      rows.push({ kind, before, after });
    }
    [gone, come] = [[], []];
  };
  for (const [a, b] of pairs) {
    if (a !== null && b !== null) {
      flush();
      rows.push({ kind: 'same', before: line(old, a), after: line(now, b) });
    } else if (a !== null) gone.push(line(old, a));
    else if (b !== null) come.push(line(now, b));
  }
  flush();
  return rows;
}

/** Long stretches that did not change are set apart, so that they can be folded. */
export function foldSame(rows: readonly DiffRow[], around = 3): DiffPart[] {
  const isNear = rows.map((_, index) =>
    rows.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same'),
  );
  const parts: { kind: DiffPart['kind']; rows: DiffRow[] }[] = [];
  rows.forEach((row, index) => {
    const kind = isNear[index] === true ? 'rows' : 'same';
    const last = parts.at(-1);
    if (last?.kind === kind) last.rows.push(row);
    else parts.push({ kind, rows: [row] });
  });
  return parts;
}
