import type { SourcesOverview } from '../../api/types';

type Stream = SourcesOverview['streams'][number];

export interface StreamGroup {
  source: Stream['source'];
  name: string;
  streams: Stream[];
  /** Kinds of objects whose windows are not all closed. */
  open: Stream[];
  /** Everything before it is proven, for every kind; null where a first window is open. */
  provenThrough: string | null;
}

/** Kinds of objects by the source that they are read from, those that hold verdicts back first. */
export function groupsOf(streams: readonly Stream[]): StreamGroup[] {
  const names = [...new Set(streams.map(({ source, name }) => `${source} ${name}`))];
  return names.flatMap((of): StreamGroup[] => {
    const own = streams.filter(({ source, name }) => `${source} ${name}` === of);
    const [first] = own;
    if (first === undefined) return [];
    const open = own.filter(({ open_because: because }) => because !== null);
    const through = own.map(({ closed_through: closed }) => closed);
    return [
      {
        source: first.source,
        name: first.name,
        streams: [...open, ...own.filter((stream) => !open.includes(stream))],
        open,
        provenThrough: through.includes(null)
          ? null
          : (through.flatMap((one) => one ?? []).sort()[0] ?? null),
      },
    ];
  });
}
