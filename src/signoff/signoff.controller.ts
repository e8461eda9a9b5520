import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import type { Reach } from '../core/permissions';
import { requireEntity } from './require-entity';
import { SignoffDesk } from './signoff-desk';
import { SignoffQueries } from './signoff.queries';
import {
  close,
  closeQuery,
  periodsList,
  periodsQuery,
  signoffHistory,
  signoffOrder,
  signoffQuery,
  signoffResult,
  type Close,
  type CloseQuery,
  type PeriodsList,
  type PeriodsQuery,
  type SignoffHistory,
  type SignoffOrder,
  type SignoffQuery,
  type SignoffResult,
} from './signoff.contract';

@ApiTags('sign-off')
@Controller('api/v1')
export class SignoffController {
  constructor(
    @Inject(SignoffDesk) private readonly desk: SignoffDesk,
    @Inject(SignoffQueries) private readonly queries: SignoffQueries,
  ) {}

  @Get('periods')
  @Requires('signoff.read')
  @ApiOperation({
    summary: 'Months of an entity, and how far they are',
    operationId: 'listPeriods',
  })
  @ApiOkResponse({ standardSchema: periodsList, description: 'Newest first.' })
  periods(
    @Query({ schema: periodsQuery }) { entity }: PeriodsQuery,
    @ReachOf() reach: Reach,
  ): Promise<PeriodsList> {
    requireEntity(reach, entity);
    return this.queries.periods(entity, reach);
  }

  @Get('close')
  @Requires('signoff.read')
  @ApiOperation({ summary: 'A month of an entity at a glance', operationId: 'getClose' })
  @ApiOkResponse({ standardSchema: close, description: 'Control by control.' })
  close(
    @Query({ schema: closeQuery }) { entity, period }: CloseQuery,
    @ReachOf() reach: Reach,
  ): Promise<Close> {
    requireEntity(reach, entity);
    return this.queries.close(entity, period, reach);
  }

  @Get('signoffs')
  @Requires('signoff.read')
  @ApiOperation({
    summary: 'Who signed a control and period, and why not',
    operationId: 'getSignoffs',
  })
  @ApiOkResponse({ standardSchema: signoffHistory, description: 'Newest first.' })
  history(
    @Query({ schema: signoffQuery }) scope: SignoffQuery,
    @ReachOf() reach: Reach,
  ): Promise<SignoffHistory> {
    return this.queries.history(scope, reach);
  }

  @Post('signoffs')
  @Requires('signoff.prepare_or_review')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sign controls and periods, or reopen them',
    description: 'A preparer signs first, then a reviewer who is another person.',
    operationId: 'sign',
  })
  @ApiOkResponse({ standardSchema: signoffResult, description: 'What was signed, what was not.' })
  sign(
    @Body({ schema: signoffOrder }) order: SignoffOrder,
    @CallerOf() caller: Caller,
  ): Promise<SignoffResult> {
    return this.desk.sign(caller, order);
  }
}
