import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { CallerOf, type Caller } from '../access/caller';
import { Refusal } from '../core/problem';
import { RunDesk } from './run-desk';
import {
  runDetail,
  runOrder,
  runParams,
  runsPage,
  runsQuery,
  statement,
  type RunDetail,
  type RunOrder,
  type RunParams,
  type RunsPage,
  type RunsQuery,
  type Statement,
} from './runs.contract';
import { RunsQueries } from './runs.queries';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    @Inject(RunsQueries) private readonly queries: RunsQueries,
    @Inject(RunDesk) private readonly desk: RunDesk,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Runs, newest first', operationId: 'listRuns' })
  @ApiOkResponse({ standardSchema: runsPage, description: 'A page of runs.' })
  list(@Query({ schema: runsQuery }) query: RunsQuery): Promise<RunsPage> {
    return this.queries.runs(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'A run: facts, steps and populations', operationId: 'getRun' })
  @ApiOkResponse({ standardSchema: runDetail, description: 'The run.' })
  async get(@Param({ schema: runParams }) { id }: RunParams): Promise<RunDetail> {
    return found(await this.queries.run(id), id);
  }

  @Get(':id/statement')
  @ApiOperation({
    summary: 'From the left total to the right total, line by line',
    operationId: 'getStatement',
  })
  @ApiOkResponse({ standardSchema: statement, description: 'The statement; it foots.' })
  async statement(@Param({ schema: runParams }) { id }: RunParams): Promise<Statement> {
    return found(await this.queries.statement(id), id);
  }

  @Post()
  @ApiOperation({
    summary: 'Run a control for an entity and a period',
    description: 'Answers once the run is recorded, whatever its outcome.',
    operationId: 'createRun',
  })
  @ApiCreatedResponse({ standardSchema: runDetail, description: 'The recorded run.' })
  @ApiConflictResponse({ description: 'This control, entity and period is being run.' })
  async create(
    @Body({ schema: runOrder }) order: RunOrder,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<RunDetail> {
    const runId = await this.desk.run(order, `token:${caller.name}`);
    response.setHeader('Location', `/api/v1/runs/${runId}`);
    return found(await this.queries.run(runId), runId);
  }
}

function found<Entry>(entry: Entry | null, id: string): Entry {
  if (entry === null) throw new Refusal('not_found', `There is no run ${id}.`);
  return entry;
}
