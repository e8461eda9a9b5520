import { parseArgs } from 'node:util';
import { injectionIds } from '../../../src/sandbox/world/injections';
import type { WorldWish } from '../../../src/sandbox/world/world-request';

export interface BenchOptions {
  /** One world each. */
  wishes: WorldWish[];
  /** Ids; null: every control of the catalogue. */
  controls: string[] | null;
  /** The newest periods of each control that are run; null: all. */
  last: number | null;
  /** Days after the end of each period that it is judged as of; null: all as of today. */
  hindsight: number | null;
  workDir: string | null;
  /** 1 leaves out the second read of every window and takes it for given: for trying things. */
  reads: 1 | 2;
  catalogDir: string;
  json: boolean;
}

const usage = `npm run bench:detection -- [options]
  --seeds 1,2             one world for each                        (1)
  --scale 0.003           size of the company                       (0.003)
  --now 2026-07-07T13:05:00Z   its history ends here
  --inject A01,A05|all|each|none   each: a world for every anomaly  (all)
  --magnitude low,high    one world for each                        (high)
  --where anywhere,edge   one world for each                        (anywhere)
  --controls BK-01,…      which are run                             (all in controls/)
  --last N                only the newest N periods of each control (all)
  --hindsight N           each period as of N days after its end    (all as of today)
  --work DIR              keeps world and books there, and uses them again
  --reads 1|2             1 closes windows without their second read (2)
  --catalog DIR           another folder of controls                (controls)
  --json`;

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const specification = {
  seeds: { type: 'string', default: '1' },
  scale: { type: 'string', default: '0.003' },
  now: { type: 'string', default: '2026-07-07T13:05:00Z' },
  inject: { type: 'string', default: 'all' },
  magnitude: { type: 'string', default: 'high' },
  where: { type: 'string', default: 'anywhere' },
  controls: { type: 'string' },
  last: { type: 'string' },
  hindsight: { type: 'string' },
  work: { type: 'string' },
  reads: { type: 'string', default: '2' },
  catalog: { type: 'string', default: 'controls' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Throws RangeError with the usage when an option is none or asks for what there is not. */
export function benchOptions(args: string[]): BenchOptions {
  const { values } = parsed(args);
  if (values.help) throw new RangeError(usage);
  return {
    wishes: wishesOf(values),
    controls: values.controls === undefined ? null : list(values.controls),
    ...{ last: count(values.last), hindsight: count(values.hindsight) },
    ...{ workDir: values.work ?? null, catalogDir: values.catalog },
    reads: oneOf(values.reads, ['1', '2'] as const) === '1' ? 1 : 2,
    json: values.json,
  };
}

const count = (text: string | undefined): number | null =>
  text === undefined ? null : Number.parseInt(text, 10);

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: specification });
  } catch (cause) {
    throw new RangeError(usage, { cause });
  }
}

type Asked = Record<'seeds' | 'scale' | 'now' | 'inject' | 'magnitude' | 'where', string>;

function wishesOf(values: Asked): WorldWish[] {
  const { seeds, scale, now, inject } = values;
  const plants =
    inject === 'each'
      ? injectionIds.map((id) => [id])
      : [inject === 'all' ? [...injectionIds] : inject === 'none' ? [] : list(inject)];
  const wishes: WorldWish[] = [];
  for (const seed of list(seeds))
    for (const magnitude of list(values.magnitude))
      for (const where of list(values.where))
        for (const injections of plants)
          wishes.push({
            ...{ seed, scale: Number(scale), now, lookAlikes: true, injections },
            magnitude: oneOf(magnitude, ['low', 'high'] as const),
            where: oneOf(where, ['anywhere', 'edge', 'last-month'] as const),
          });
  return wishes;
}

function oneOf<Value extends string>(text: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === text);
  if (found === undefined)
    throw new RangeError(`${text} is none of ${values.join(', ')}\n${usage}`);
  return found;
}
