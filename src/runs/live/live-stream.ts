import type { ServerResponse } from 'node:http';
import type { Caller } from '../../access/caller';
import { periodOf } from '../../core/calendar';
import { covers, reachOf, type Reach } from '../../core/permissions';
import type { LiveBoard } from './live-board';
import type { WorkUnderWay } from './live.contract';

const usualBeatMs = 15_000;
const retryMs = 3_000;
/** What a client that reads nothing may let lie here before it is let go. */
const mostUnreadBytes = 1_048_576;

/**
 * One page that is kept up to date. Who watches is asked again with each beat, without keeping
 * their session from going idle: when it ends, or a role is taken, so does what they are told.
 */
export class LiveStream {
  private runs: Reach = [];
  private seesSources = false;

  constructor(
    private readonly response: ServerResponse,
    caller: Caller,
    private readonly stillThere: () => Promise<Caller | null>,
    private readonly beatMs = usualBeatMs,
  ) {
    this.reach(caller);
  }

  async run(board: LiveBoard, from: { since: bigint | null; once: boolean }): Promise<void> {
    const { response } = this;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
    response.write(`retry: ${retryMs}\n\n`);
    const { since } = from;
    this.tell((await board.now()).filter(({ change_no: no }) => BigInt(no) > (since ?? -1n)));
    if (from.once) {
      response.end();
      return;
    }
    const unwatch = board.watch({
      changed: (works) => this.tell(works),
      ended: () => this.end('server'),
    });
    const beat = setInterval(() => void this.beat(), this.beatMs).unref();
    response.once('close', () => {
      clearInterval(beat);
      unwatch();
    });
    if (response.destroyed) response.emit('close');
  }

  private reach(caller: Caller): void {
    this.runs = reachOf(caller.holder, 'runs.read');
    this.seesSources = reachOf(caller.holder, 'sources.read').length > 0;
  }

  private async beat(): Promise<void> {
    // Unknown is not allowed: a database that does not answer ends the stream as well.
    const caller = await this.stillThere().catch(() => null);
    if (caller === null) this.end('session');
    else {
      this.reach(caller);
      this.write(': beat\n\n');
    }
  }

  private tell(works: readonly WorkUnderWay[]): void {
    for (const work of works)
      if (this.mayKnow(work))
        this.write(`id: ${work.change_no}\nevent: progress\ndata: ${JSON.stringify(work)}\n\n`);
  }

  private mayKnow({ kind, entity_id: entity, period_key: period }: WorkUnderWay): boolean {
    if (kind === 'sync' || entity === null || period === null) return this.seesSources;
    return covers(this.runs, { entity, period: periodOf('on_event', period) });
  }

  private write(text: string): void {
    if (this.response.writableLength > mostUnreadBytes) this.response.destroy();
    else this.response.write(text);
  }

  private end(reason: 'session' | 'server'): void {
    if (!this.response.writableEnded)
      this.response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }
}
