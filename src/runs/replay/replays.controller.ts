import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CallerOf, ReachOf, Requires, type Caller } from '../../access/caller';
import type { Reach } from '../../core/permissions';
import { ReplayDesk } from './replay-desk';
import {
  controlReplay,
  controlReplays,
  replayOrder,
  replayParams,
  type ControlReplay,
  type ControlReplays,
  type ReplayOrder,
  type ReplayParams,
} from './replay.contract';

@ApiTags('controls')
@Controller('api/v1/controls/:id/versions/:version/replays')
export class ReplaysController {
  constructor(@Inject(ReplayDesk) private readonly desk: ReplayDesk) {}

  @Get()
  @Requires('runs.read')
  @ApiOperation({ summary: 'Replays of a version', operationId: 'listReplays' })
  @ApiOkResponse({ standardSchema: controlReplays, description: 'Newest first.' })
  async list(
    @Param({ schema: replayParams }) { id, version }: ReplayParams,
    @ReachOf() reach: Reach,
  ): Promise<ControlReplays> {
    return { replays: await this.desk.list(id, version, reach) };
  }

  @Post()
  @Requires('controls.replay')
  @ApiOperation({
    summary: 'Replay a version that waits for its approval over the last periods',
    description:
      'Answers once it is kept; how far it is tells /api/v1/live. Opens no exception, records no ' +
      'run, alerts nobody.',
    operationId: 'replayControl',
  })
  @ApiCreatedResponse({ standardSchema: controlReplay, description: 'What was gained and lost.' })
  @ApiConflictResponse({ description: 'It is decided already.' })
  replay(
    @Param({ schema: replayParams }) { id, version }: ReplayParams,
    @Body({ schema: replayOrder }) { periods }: ReplayOrder,
    @CallerOf() { actor }: Caller,
  ): Promise<ControlReplay> {
    return this.desk.replay({ control: id, version, periods }, actor);
  }
}
