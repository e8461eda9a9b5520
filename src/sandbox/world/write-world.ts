import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorldManifest } from './folder-sink';
import type { GeneratedWorld, GenerationProgress, GenerationStep } from './generate-world';
import type { WorldWish } from './world-request';

/** What the thread that writes is given, and what it tells. */
export interface WritingTask {
  wish: WorldWish;
  folder: string;
}

export type WritingMessage =
  | { kind: 'progress'; step: GenerationStep; done: number; of: number }
  | { kind: 'written'; manifest: WorldManifest; made: GeneratedWorld };

/**
 * The heap of the thread that writes: what a world of any scale needs is far below it, and what
 * the collector would otherwise let grow stays within it.
 */
const heapMb = 450;
/** Rows are made and written at once: with more room for them, fewer outlive a collection. */
const youngMb = 64;

/**
 * Writes the world of a wish into an empty folder, on a thread of its own: generation computes for
 * minutes, and whoever asked can still show bars and be interrupted. Throws what the thread throws.
 */
export function writeWorld(
  task: WritingTask,
  progress: GenerationProgress = () => undefined,
): Promise<{ manifest: WorldManifest; made: GeneratedWorld }> {
  const file = path.join(__dirname, `write-world.worker${path.extname(__filename)}`);
  const worker = new Worker(file, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: WritingMessage) => {
      if (message.kind === 'progress') progress(message.step, message.done, message.of);
      else resolve({ manifest: message.manifest, made: message.made });
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`the thread that writes the world ended with ${code}`));
    });
  });
}
