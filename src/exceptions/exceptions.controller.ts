import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReachOf, Requires } from '../access/caller';
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
  @ApiOperation({ summary: 'Exceptions, newest first', operationId: 'listExceptions' })
  @ApiOkResponse({ standardSchema: exceptionsPage, description: 'A page of exceptions.' })
  list(
    @Query({ schema: exceptionsQuery }) query: ExceptionsQuery,
    @ReachOf() reach: Reach,
  ): Promise<ExceptionsPage> {
    return this.queries.exceptions(query, reach);
  }

  @Get(':id')
  @Requires('exceptions.read')
  @ApiOperation({
    summary: 'An exception: facts, and what each run saw of it',
    operationId: 'getException',
  })
  @ApiOkResponse({ standardSchema: exceptionDetail, description: 'The exception.' })
  async get(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @ReachOf() reach: Reach,
  ): Promise<ExceptionDetail> {
    const exception = await this.queries.exception(id, reach);
    if (exception === null) throw new Refusal('not_found', `There is no exception ${id}.`);
    return exception;
  }
}
