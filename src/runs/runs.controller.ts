import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import { covers, type Reach } from '../core/permissions';
import { Refusal } from '../core/problem';
import { LineItemsDesk } from './line-items/line-items-desk';
import {
  lineItems,
  lineItemsQuery,
  type LineItems,
  type LineItemsQuery,
} from './line-items/line-items.contract';
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
    @Inject(LineItemsDesk) private readonly lines: LineItemsDesk,
  ) {}

  @Get()
  @Requires('runs.read')
  @ApiOperation({ summary: 'Runs, newest first', operationId: 'listRuns' })
  @ApiOkResponse({ standardSchema: runsPage, description: 'A page of runs.' })
  list(@Query({ schema: runsQuery }) query: RunsQuery, @ReachOf() reach: Reach): Promise<RunsPage> {
    return this.queries.runs(query, reach);
  }

  @Get(':id')
  @Requires('runs.read')
  @ApiOperation({ summary: 'A run: facts, steps and populations', operationId: 'getRun' })
  @ApiOkResponse({ standardSchema: runDetail, description: 'The run.' })
  async get(
    @Param({ schema: runParams }) { id }: RunParams,
    @ReachOf() reach: Reach,
  ): Promise<RunDetail> {
    return found(await this.queries.run(id, reach), id);
  }

  @Get(':id/statement')
  @Requires('runs.read')
  @ApiOperation({
    summary: 'From the left total to the right total, line by line',
    operationId: 'getStatement',
  })
  @ApiOkResponse({ standardSchema: statement, description: 'The statement; it foots.' })
  async statement(
    @Param({ schema: runParams }) { id }: RunParams,
    @ReachOf() reach: Reach,
  ): Promise<Statement> {
    return found(await this.queries.statement(id, reach), id);
  }

  @Get(':id/items')
  @Requires('runs.read')
  @ApiOperation({
    summary: 'The keys behind a line of the statement, from the evidence',
    operationId: 'listLineItems',
  })
  @ApiOkResponse({ standardSchema: lineItems, description: 'Largest difference first.' })
  async items(
    @Param({ schema: runParams }) { id }: RunParams,
    @Query({ schema: lineItemsQuery }) query: LineItemsQuery,
    @ReachOf() reach: Reach,
  ): Promise<LineItems> {
    const items = await this.lines.items(id, query, reach);
    if (items === null) throw new Refusal('not_found', `Run ${id} has no such line.`);
    return items;
  }

  @Post()
  @Requires('runs.request')
  @ApiOperation({
    summary: 'Run a control for an entity and a period',
    description: 'Answers once the run is recorded, whatever its outcome.',
    operationId: 'createRun',
  })
  @ApiCreatedResponse({ standardSchema: runDetail, description: 'The recorded run.' })
  @ApiConflictResponse({ description: 'This control, entity and period is being run.' })
  async create(
    @Body({ schema: runOrder }) order: RunOrder,
    @CallerOf() { actor }: Caller,
    @ReachOf() reach: Reach,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<RunDetail> {
    if (!covers(reach, { entity: order.entity }))
      throw new Refusal('not_found', `There is no entity ${order.entity} that you may run.`);
    const runId = await this.desk.run(order, actor.name);
    response.setHeader('Location', `/api/v1/runs/${runId}`);
    return found(await this.queries.run(runId, reach), runId);
  }
}

function found<Entry>(entry: Entry | null, id: string): Entry {
  if (entry === null) throw new Refusal('not_found', `There is no run ${id}.`);
  return entry;
}
