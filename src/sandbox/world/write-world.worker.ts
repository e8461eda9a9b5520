import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { FolderSink } from './folder-sink';
import { generateWorld } from './generate-world';
import { worldOrders } from './world-request';
import type { WritingMessage, WritingTask } from './write-world';

const tellEveryMs = 100;

const { wish, folder } = workerData as WritingTask;
const tell = (message: WritingMessage): void => parentPort?.postMessage(message);

let toldMs = 0;
const sink = new FolderSink(folder, wish);
const made = generateWorld(
  {
    ...worldOrders(wish),
    progress: (step, done, of) => {
      const nowMs = performance.now();
      if (nowMs - toldMs < tellEveryMs && done < of) return;
      toldMs = nowMs;
      tell({ kind: 'progress', step, done, of });
    },
  },
  sink,
);
tell({ kind: 'written', manifest: sink.close(), made });
