import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { because, type Because } from '../access/access.contract';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import { reachOf, type Reach } from '../core/permissions';
import { ReconcilingItems } from './reconciling-items';
import {
  itemParams,
  newReconcilingItem,
  reconcilingItems,
  type ItemParams,
  type NewReconcilingItem,
  type ReconcilingItems as Answer,
} from './reconciling-items.contract';

const all = { standardSchema: reconcilingItems, description: 'All that the caller sees.' };

@ApiTags('exceptions')
@Controller('api/v1/reconciling-items')
export class ReconcilingItemsController {
  constructor(@Inject(ReconcilingItems) private readonly items: ReconcilingItems) {}

  @Get()
  @Requires('reconciling_items.read')
  @ApiOperation({ summary: 'Known reconciling items', operationId: 'listReconcilingItems' })
  @ApiOkResponse({ standardSchema: reconcilingItems, description: 'Newest first.' })
  async list(@ReachOf() reach: Reach): Promise<Answer> {
    return { items: await this.items.list(reach) };
  }

  @Post()
  @Requires('reconciling_items.create')
  @ApiOperation({
    summary: 'Name an expected difference',
    description: 'It closes nothing until another person approves it.',
    operationId: 'createReconcilingItem',
  })
  @ApiCreatedResponse(all)
  async create(
    @Body({ schema: newReconcilingItem }) order: NewReconcilingItem,
    @CallerOf() caller: Caller,
  ): Promise<Answer> {
    await this.items.create(caller, order);
    return this.answer(caller);
  }

  @Post(':id/approve')
  @Requires('reconciling_items.approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve one', operationId: 'approveReconcilingItem' })
  @ApiOkResponse(all)
  @ApiConflictResponse({ description: 'It is decided already.' })
  async approve(
    @Param({ schema: itemParams }) { id }: ItemParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() caller: Caller,
  ): Promise<Answer> {
    await this.items.approve(caller, id, reason);
    return this.answer(caller);
  }

  @Post(':id/revoke')
  @Requires('reconciling_items.approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'End one, or turn it down', operationId: 'revokeReconcilingItem' })
  @ApiOkResponse(all)
  @ApiConflictResponse({ description: 'It is decided already.' })
  async revoke(
    @Param({ schema: itemParams }) { id }: ItemParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() caller: Caller,
  ): Promise<Answer> {
    await this.items.revoke(caller, id, reason);
    return this.answer(caller);
  }

  private async answer({ holder }: Caller): Promise<Answer> {
    return { items: await this.items.list(reachOf(holder, 'reconciling_items.read')) };
  }
}
