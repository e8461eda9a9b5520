import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CallerFinder } from '../../access/caller-finder';
import { CallerOf, Requires, type Caller } from '../../access/caller';
import { Refusal } from '../../core/problem';
import { LiveBoard } from './live-board';
import { liveQuery, workUnderWay, type LiveQuery } from './live.contract';
import { LiveStream } from './live-stream';

const mostStreams = 500;

@ApiTags('runs')
@Controller('api/v1/live')
export class LiveController {
  constructor(
    @Inject(LiveBoard) private readonly board: LiveBoard,
    @Inject(CallerFinder) private readonly finder: CallerFinder,
  ) {}

  @Get()
  @Requires('runs.read')
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'Runs and syncs while they go on, as server-sent events',
    description:
      'First an event named progress for each that is under way or ended in the last ten minutes ' +
      '(after Last-Event-ID, only those that changed since), then one for each change; its data ' +
      'is a WorkUnderWay. A comment is sent every 15 seconds. An event named end says why the ' +
      'stream ends: session, or server.',
    operationId: 'watchWork',
  })
  @ApiOkResponse({ standardSchema: workUnderWay, description: 'A stream of events.' })
  async watch(
    @Query({ schema: liveQuery }) { once }: LiveQuery,
    @CallerOf() caller: Caller,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    if (this.board.watching >= mostStreams)
      throw new Refusal('not_ready', `${mostStreams} pages are being kept up to date already.`);
    const stream = new LiveStream(response, caller, () => this.finder.stillThere(request));
    await stream.run(this.board, { since: lastEventOf(request), once });
  }
}

function lastEventOf({ headers }: IncomingMessage): bigint | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' && /^\d{1,18}$/.test(id) ? BigInt(id) : null;
}
