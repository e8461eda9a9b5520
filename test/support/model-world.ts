import type { Caller } from '../../src/access/caller';
import { SystemClock } from '../../src/platform/clock';
import { createTestDatabase, type TestDatabase } from './database';
import { castOf } from './model-people';
import { openWorkbench, type Workbench } from './workbench';

/** What a test of a model works on: a workbench over a real database, and people of every role. */
export interface ModelWorld {
  database: TestDatabase;
  bench: Workbench;
  people: Caller[];
  close(): Promise<void>;
}

export const modelClock = new SystemClock();

export async function openModelWorld(): Promise<ModelWorld> {
  const database = await createTestDatabase();
  const bench = openWorkbench(database, modelClock);
  return {
    database,
    bench,
    people: await castOf(database),
    close: async () => {
      bench.remove();
      await database.drop();
    },
  };
}

const triesMs = 15_000;

/** On a busy machine fewer sequences are tried, rather than for longer. */
export function tryingTime(): { begin: () => void; isLeft: () => boolean } {
  let until = 0;
  return {
    begin: () => (until = performance.now() + triesMs),
    isLeft: () => performance.now() < until,
  };
}
