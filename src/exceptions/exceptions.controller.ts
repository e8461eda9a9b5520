import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import type { Reach } from '../core/permissions';
import { Refusal } from '../core/problem';
import {
  exceptionDetail,
  exceptionParams,
  exceptionsPage,
  exceptionsQuery,
  type ExceptionDetail,
  type ExceptionParams,
  type ExceptionsPage,
  type ExceptionsQuery,
} from './exceptions.contract';
import { ExceptionsQueries } from './exceptions.queries';

@ApiTags('exceptions')
@Controller('api/v1/exceptions')
export class ExceptionsController {
  constructor(@Inject(ExceptionsQueries) private readonly queries: ExceptionsQueries) {}

  @Get()
  @Requires('exceptions.read')
  @ApiOperation({ summary: 'Exceptions, newest first or as sorted', operationId: 'listExceptions' })
  @ApiOkResponse({ standardSchema: exceptionsPage, description: 'A page of exceptions.' })
  list(
    @Query({ schema: exceptionsQuery }) query: ExceptionsQuery,
    @ReachOf() reach: Reach,
    @CallerOf() { actor }: Caller,
  ): Promise<ExceptionsPage> {
    return this.queries.exceptions(query, reach, actor.personId);
  }

  @Get(':id')
  @Requires('exceptions.read')
  @ApiOperation({
    summary: 'An exception: facts, items, history, and what the caller may do',
    operationId: 'getException',
  })
  @ApiOkResponse({ standardSchema: exceptionDetail, description: 'The exception.' })
  async get(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @ReachOf() reach: Reach,
    @CallerOf() caller: Caller,
  ): Promise<ExceptionDetail> {
    const exception = await this.queries.exception(id, reach, caller);
    if (exception === null) throw new Refusal('not_found', `There is no exception ${id}.`);
    return exception;
  }
}
