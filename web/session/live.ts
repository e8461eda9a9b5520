import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { components } from '../api/schema';

export type WorkUnderWay = components['schemas']['WorkUnderWay'];
export type KnownWork = ReadonlyMap<string, WorkUnderWay>;

/** How long what has ended stays in sight. */
const shownMs = 8_000;
/** Runs that end together let screens be read again once. */
const gatherMs = 500;

/** What goes on, with a change taken in; what ended before it was ever seen is not news. */
export function takenIn(known: KnownWork, work: WorkUnderWay): KnownWork {
  if (work.outcome !== null && !known.has(work.work_id)) return known;
  return new Map(known).set(work.work_id, work);
}

export function without(known: KnownWork, id: string): KnownWork {
  const left = new Map(known);
  left.delete(id);
  return left;
}

/** Follows runs and syncs while the page is open, and lets what they change be read again. */
export function useLiveWork(isAllowed: boolean): readonly WorkUnderWay[] {
  const queries = useQueryClient();
  const [known, setKnown] = useState<KnownWork>(new Map());
  useEffect(() => {
    if (!isAllowed) return undefined;
    const again = readerAgain(queries);
    const timers = new Set<ReturnType<typeof setTimeout>>();
    // The browser connects again by itself, and says what it saw last.
    const stream = new EventSource('/api/v1/live');
    stream.addEventListener('progress', (event: MessageEvent<string>) => {
      const work = JSON.parse(event.data) as WorkUnderWay;
      setKnown((before) => takenIn(before, work));
      if (work.outcome === null) return;
      again.ask(work.kind);
      timers.add(setTimeout(() => setKnown((before) => without(before, work.work_id)), shownMs));
    });
    stream.addEventListener('end', (event: MessageEvent<string>) => {
      if (event.data.includes('session')) stream.close();
    });
    return () => {
      stream.close();
      again.stop();
      for (const timer of timers) clearTimeout(timer);
    };
  }, [isAllowed, queries]);
  return [...known.values()].sort((a, b) => (a.started_at < b.started_at ? -1 : 1));
}

const changedBy: Record<WorkUnderWay['kind'], readonly string[]> = {
  run: ['runs', 'exceptions', 'overview', 'periods'],
  sync: ['sources'],
  replay: ['controls'],
};

/** Screens that show what runs and syncs change, read again a moment after the last that ended. */
function readerAgain(queries: QueryClient): {
  ask: (kind: WorkUnderWay['kind']) => void;
  stop: () => void;
} {
  const keys = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = (): void => {
    for (const key of keys) void queries.invalidateQueries({ queryKey: [key] });
    keys.clear();
  };
  return {
    ask: (kind) => {
      for (const key of changedBy[kind]) keys.add(key);
      clearTimeout(timer);
      timer = setTimeout(read, gatherMs);
    },
    stop: () => clearTimeout(timer),
  };
}
