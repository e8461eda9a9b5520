import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import type { Reach } from '../core/permissions';
import { Refusal } from '../core/problem';
import { exceptionParams, type ExceptionParams } from './exceptions.contract';
import { ExceptionsQueries } from './exceptions.queries';
import { journey, type Journey } from './journey.contract';
import { JourneyQueries } from './journey.queries';

@ApiTags('exceptions')
@Controller('api/v1/exceptions')
export class JourneyController {
  constructor(
    @Inject(ExceptionsQueries) private readonly exceptions: ExceptionsQueries,
    @Inject(JourneyQueries) private readonly queries: JourneyQueries,
  ) {}

  @Get(':id/journey')
  @Requires('exceptions.read')
  @ApiOperation({
    summary: 'What happened to its customer, across systems, in order of time',
    operationId: 'getJourney',
  })
  @ApiOkResponse({ standardSchema: journey, description: 'From the books as they stand now.' })
  async get(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @ReachOf() reach: Reach,
    @CallerOf() caller: Caller,
  ): Promise<Journey> {
    const exception = await this.exceptions.exception(id, reach, caller);
    if (exception === null) throw new Refusal('not_found', `There is no exception ${id}.`);
    return this.queries.journey(exception, reach);
  }
}
