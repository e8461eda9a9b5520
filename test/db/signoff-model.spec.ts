import fc from 'fast-check';
import { covers, reachOf, type Action } from '../../src/core/permissions';
import {
  judgeSignoff,
  signoffSteps,
  type SignoffFacts,
  type SignoffStep,
} from '../../src/core/signoff';
import { SignoffDesk } from '../../src/signoff/signoff-desk';
import { modelClock, openModelWorld, tryingTime, type ModelWorld } from '../support/model-world';
import { ordersCsv, paymentsCsv } from '../support/workbench';

/**
 * Whatever is signed, reviewed, reopened and run again, in whatever order: a sign-off is where its
 * rules say, two people stand behind a reviewed one, a run that differs ends it, and nothing that
 * was signed is gone.
 */

let world: ModelWorld;
beforeAll(async () => {
  world = await openModelWorld();
});
afterAll(() => world.close());

/** What a run finds: all is paid, paid in another way, or 1.00 is missing. */
const paid = { clean: ['20.00'], split: ['15.00', '5.00'], short: ['19.00'] } as const;
type Found = keyof typeof paid;

interface Model {
  facts: SignoffFacts;
  found: Found;
  /** What the run found that was signed. */
  signed: Found;
  records: string[];
}

interface Real {
  period: string;
  desk: SignoffDesk;
}

const time = tryingTime();

async function runOf(period: string, found: Found): Promise<SignoffFacts['latest']> {
  world.bench.write('orders.csv', ordersCsv([['b', '20.00']]));
  const rows = paid[found].map((amount, i): [string, string, string] => [`p${i}`, 'b', amount]);
  world.bench.write('payments.csv', paymentsCsv(rows));
  const { runId, outcome } = await world.bench.run({ period, reason: 'again' });
  return { run: runId, outcome, reason: null, isWhole: true };
}

async function recordsOf(period: string): Promise<string[]> {
  const { rows } = await world.database.app.raw<{ rows: { line: string }[] }>(
    `select concat_ws(' ', step, run_id, person_id) as line from tieout.signoffs
     where period_key = ? order by signoff_no`,
    [period],
  );
  return rows.map(({ line }) => line);
}

/** Held after each step; the model takes over what was added. */
async function holds(model: Model, { period }: Real, added: string[]): Promise<void> {
  const records = await recordsOf(period);
  expect(records).toEqual([...model.records, ...added]);
  model.records = records;
  let preparer = '';
  for (const [step, , person = ''] of records.map((line) => line.split(' '))) {
    if (step === 'prepared') preparer = person;
    if (step === 'reviewed') expect(person).not.toBe(preparer);
  }
}

const stateOf = { prepare: 'prepared', review: 'reviewed', reopen: 'reopened' } as const;

class Signs implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly who: number,
    private readonly step: SignoffStep,
  ) {}

  check = time.isLeft;

  async run(model: Model, real: Real): Promise<void> {
    const caller = world.people[this.who];
    const personId = caller?.actor.personId;
    if (caller === undefined || typeof personId !== 'string') throw new Error('nobody signs');
    const place = { entity: 'acme', period: { start: '2020-01-01', end: '2020-02-01' } };
    const may = (action: Action): boolean => covers(reachOf(caller.holder, action), place);
    const verdict = judgeSignoff(this.step, model.facts, personId, 'low');
    const wanted = !may('signoff.read')
      ? 'not_found'
      : !may(this.step === 'prepare' ? 'signoff.prepare' : 'signoff.review')
        ? 'forbidden'
        : verdict.legal
          ? 'signed'
          : verdict.why;
    const items = [{ control: 'CA-90', period: real.period }];
    const order = { step: this.step, entity: 'acme', items, statement: 'a test' };
    const { refused } = await real.desk.sign(caller, order);
    expect(`${this.toString()}: ${refused[0]?.code ?? 'signed'}`).toBe(
      `${this.toString()}: ${wanted}`,
    );
    const done = wanted === 'signed' && verdict.legal;
    await holds(model, real, done ? [`${stateOf[this.step]} ${verdict.run} ${personId}`] : []);
    if (!done) return;
    if (this.step === 'prepare') model.signed = model.found;
    model.facts = {
      ...model.facts,
      state: stateOf[this.step],
      signedRun: verdict.run,
      preparedBy: this.step === 'prepare' ? personId : model.facts.preparedBy,
    };
  }

  toString = (): string => `${this.who} ${this.step}`;
}

class RunFinds implements fc.AsyncCommand<Model, Real> {
  constructor(private readonly what: Found) {}

  check = time.isLeft;

  async run(model: Model, real: Real): Promise<void> {
    const latest = await runOf(real.period, this.what);
    const { state } = model.facts;
    const isSigned = state === 'prepared' || state === 'reviewed';
    const ends = isSigned && this.what !== model.signed;
    await holds(model, real, ends ? [`reopened ${latest?.run}`] : []);
    model.found = this.what;
    model.facts = {
      ...model.facts,
      latest,
      state: ends ? 'reopened' : state,
      signedRun: ends ? (latest?.run ?? null) : model.facts.signedRun,
      unsettled: { low: this.what === 'short' ? 1 : 0, medium: 0, high: 0, critical: 0 },
    };
  }

  toString = (): string => `a run finds ${this.what}`;
}

let count = 0;
async function begin(): Promise<{ model: Model; real: Real }> {
  const period = `20${10 + Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
  count += 1;
  const latest = await runOf(period, 'clean');
  const unsettled = { low: 0, medium: 0, high: 0, critical: 0 };
  const facts: SignoffFacts = {
    ...{ state: 'unsigned', preparedBy: null, signedRun: null, latest, unsettled },
  };
  const model: Model = { facts, found: 'clean', signed: 'clean', records: [] };
  return { model, real: { period, desk: new SignoffDesk(world.database.app, modelClock, 'low') } };
}

const signs = (most: number): fc.Arbitrary<Signs> =>
  fc
    .tuple(fc.nat({ max: most }), fc.constantFrom(...signoffSteps))
    .map(([who, step]) => new Signs(who, step));
const runs = fc
  .constantFrom<Found[]>('clean', 'clean', 'split', 'short')
  .map((what) => new RunFinds(what));

test('no signing and running leaves the rules, loses a signature or signs twice', async () => {
  time.begin();
  await fc.assert(
    fc.asyncProperty(
      fc.commands([signs(2), signs(2), signs(2), signs(4), runs], {
        ...{ maxCommands: 40, size: 'max' },
      }),
      async (sequence) => {
        if (!time.isLeft()) return;
        const { model, real } = await begin();
        await fc.asyncModelRun(() => ({ model, real }), sequence);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
}, 120_000);
