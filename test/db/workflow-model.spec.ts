import fc from 'fast-check';
import { judgeMove, moves, type ExceptionState, type Move } from '../../src/core/exception';
import { covers, reachOf } from '../../src/core/permissions';
import { Refusal } from '../../src/core/problem';
import { ExceptionDesk } from '../../src/exceptions/exception-desk';
import type { ExceptionMove } from '../../src/exceptions/moves.contract';
import { modelClock, openModelWorld, tryingTime, type ModelWorld } from '../support/model-world';
import { ordersCsv, paymentsCsv } from '../support/workbench';

/**
 * Whatever people and runs do with an exception, in whatever order: it is where the table of moves
 * says, nobody decides on their own proposal, and what stood in its history stands there still.
 */

let world: ModelWorld;
beforeAll(async () => {
  world = await openModelWorld();
});
afterAll(() => world.close());

/** What is paid of 20.00: what a run finds of it is that, more, less, or nothing any more. */
const paid = { same: '19.00', worse: '12.00', better: '19.50', gone: '20.00' } as const;

const time = tryingTime();

interface Model {
  state: ExceptionState;
  proposedBy: string | null;
  /** What the last run found of it. */
  seen: keyof typeof paid;
  /** The history so far, oldest first. */
  events: string[];
}

interface Real {
  id: string;
  period: string;
  desk: ExceptionDesk;
}

const place = { entity: 'acme', period: { start: '2020-01-01', end: '2020-02-01' } };

function orderOf(move: Exclude<Move, 'attach' | 'reconcile'>, accepted: boolean): ExceptionMove {
  const reason = 'a test';
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const root_cause = 'timing';
  if (move === 'assign') return { move, assignee: null };
  if (move !== 'propose') return { move, reason };
  return accepted
    ? { move, reason, root_cause, disposition: 'risk_accepted', until }
    : { move, reason, root_cause, disposition: 'explained' };
}

type Kept = Omit<Model, 'seen'> & { closedBy: string | null };

/** What Postgres has, as far as a model speaks of it. */
async function kept(id: string): Promise<Kept> {
  const { rows } = await world.database.app.raw<{ rows: Kept[] }>(
    `select e.state, e.proposed_by as "proposedBy", e.closed_by as "closedBy",
       (select json_agg(concat_ws(' ', v.event_id, v.kind, v.from_state, v.to_state, v.person_id)
          order by v.event_id)
        from tieout.exception_events v where v.exception_id = e.exception_id) as events
     from tieout.exceptions e where e.exception_id = ?`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`exception ${id} is gone`);
  return row;
}

/** Held after each step; the model takes over what was added to the history. */
async function holds(model: Model, { id }: Real): Promise<void> {
  const now = await kept(id);
  expect(now.state).toBe(model.state);
  expect(now.events.slice(0, model.events.length)).toEqual(model.events);
  if (now.state === 'proposed' || now.state === 'closed')
    expect(now.proposedBy).toBe(model.proposedBy);
  if (now.closedBy !== null) expect(now.closedBy).not.toBe(now.proposedBy);
  model.events = now.events;
}

class PersonMoves implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly who: number,
    private readonly move: Exclude<Move, 'attach' | 'reconcile'>,
    private readonly accepted: boolean,
  ) {}

  check = time.isLeft;

  async run(model: Model, real: Real): Promise<void> {
    const caller = world.people[this.who];
    const personId = caller?.actor.personId;
    if (caller === undefined || typeof personId !== 'string') throw new Error('nobody moves');
    const may = (action: 'exceptions.read' | (typeof moves)[Move]['action']): boolean =>
      covers(reachOf(caller.holder, action), place);
    const verdict = judgeMove(this.move, model, personId);
    const wanted = !may('exceptions.read')
      ? 'not_found'
      : !may(moves[this.move].action)
        ? 'forbidden'
        : verdict.legal
          ? 'done'
          : verdict.why;
    const came = await real.desk
      .move(caller, real.id, orderOf(this.move, this.accepted))
      .then(() => 'done')
      .catch((cause: unknown) => {
        if (cause instanceof Refusal) return cause.code;
        throw cause;
      });
    expect(`${this.toString()}: ${came}`).toBe(`${this.toString()}: ${wanted}`);
    const before = model.events.length;
    if (came === 'done' && verdict.legal) {
      if (verdict.to !== model.state) model.proposedBy = null;
      if (this.move === 'propose') model.proposedBy = personId;
      if (this.move === 'approve') model.proposedBy = (await kept(real.id)).proposedBy;
      model.state = verdict.to;
    }
    await holds(model, real);
    expect(model.events.length).toBe(before + (came === 'done' ? 1 : 0));
  }

  toString = (): string => `${this.who} ${this.move}${this.accepted ? ' accepted' : ''}`;
}

class RunSees implements fc.AsyncCommand<Model, Real> {
  constructor(private readonly what: keyof typeof paid) {}

  check = time.isLeft;

  async run(model: Model, real: Real): Promise<void> {
    const was = model.state;
    const before = model.events.length;
    await runOf(real.period, paid[this.what]);
    const { state, events, proposedBy } = await kept(real.id);
    // Which of these it is depends on what was proposed; that it is none but these does not.
    const legal: Record<ExceptionState, ExceptionState[]> = {
      open: ['open'],
      acknowledged: ['acknowledged'],
      proposed: ['proposed', 'acknowledged'],
      closed: ['closed', 'open'],
      cleared: ['open'],
    };
    const next = this.what === 'gone' ? ['cleared'] : legal[was];
    expect(next).toContain(state);
    // What is as it was, and is being worked, stays where the work has brought it.
    if (this.what === model.seen && was !== 'closed' && was !== 'cleared') expect(state).toBe(was);
    model.seen = this.what;
    model.state = state;
    model.proposedBy = proposedBy;
    await holds(model, real);
    const added = was === 'cleared' && this.what === 'gone' ? 0 : 1;
    expect(events.length).toBe(before + added);
  }

  toString = (): string => `a run sees ${this.what}`;
}

async function runOf(period: string, amount: string): Promise<void> {
  world.bench.write('orders.csv', ordersCsv([['b', '20.00']]));
  world.bench.write('payments.csv', paymentsCsv([['p', 'b', amount]]));
  await world.bench.run({ period, reason: 'again' });
}

let count = 0;
async function begin(): Promise<{ model: Model; real: Real }> {
  const period = `20${10 + Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
  count += 1;
  await runOf(period, paid.same);
  const { rows } = await world.database.app.raw<{ rows: { id: string }[] }>(
    'select exception_id as id from tieout.exceptions where period_key = ?',
    [period],
  );
  const id = rows[0]?.id ?? '';
  const { events } = await kept(id);
  const model: Model = { state: 'open', proposedBy: null, seen: 'same', events };
  return { model, real: { id, period, desk: new ExceptionDesk(world.database.app, modelClock) } };
}

const moveNames = ['acknowledge', 'propose', 'withdraw', 'send_back', 'approve', 'reopen'] as const;
const personMoves = fc
  .tuple(
    fc.nat({ max: 4 }),
    fc.constantFrom(...moveNames, 'comment' as const, 'assign' as const),
    fc.boolean(),
  )
  .map(([who, move, accepted]) => new PersonMoves(who, move, accepted));
/** People who may do something, and what leads on: otherwise most steps would be refused. */
const workMoves = fc
  .tuple(fc.nat({ max: 2 }), fc.constantFrom(...moveNames), fc.boolean())
  .map(([who, move, accepted]) => new PersonMoves(who, move, accepted));
const runs = fc.constantFrom('same', 'worse', 'better', 'gone').map((what) => new RunSees(what));

test('no moves and runs leave the table, lose history, or approve their own', async () => {
  time.begin();
  await fc.assert(
    fc.asyncProperty(
      fc.commands([workMoves, workMoves, workMoves, workMoves, personMoves, personMoves, runs], {
        maxCommands: 40,
        size: 'max',
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
