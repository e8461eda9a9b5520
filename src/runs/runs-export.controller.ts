import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { ReachOf, Requires } from '../access/caller';
import type { Reach } from '../core/permissions';
import { exportPage, exportTypes, readWhole, sendExport } from '../platform/export/send-export';
import type { ExportColumn } from '../platform/export/table';
import { runsExportQuery, type Run, type RunsExportQuery } from './runs.contract';
import { RunsQueries } from './runs.queries';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsExportController {
  constructor(@Inject(RunsQueries) private readonly queries: RunsQueries) {}

  @Get('export')
  @Requires('runs.read')
  @ApiOperation({ summary: 'The list of runs as a file', operationId: 'exportRuns' })
  @ApiProduces(...exportTypes)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'csv or xlsx.' })
  async export(
    @Query({ schema: runsExportQuery }) { format, ...filter }: RunsExportQuery,
    @ReachOf() reach: Reach,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const rows = await readWhole((cursor) =>
      this.queries.runs({ ...filter, cursor, limit: exportPage }, reach),
    );
    await sendExport(response, { name: 'runs', format }, columns, rows);
  }
}

const columns: readonly ExportColumn<Run>[] = [
  { title: 'Id', type: 'text', value: (row) => row.run_id },
  { title: 'Control', type: 'text', value: (row) => row.control_id },
  { title: 'Title', type: 'text', value: (row) => row.control_title },
  { title: 'Version', type: 'text', value: (row) => row.control_version },
  { title: 'Entity', type: 'text', value: (row) => row.entity_id },
  { title: 'Period', type: 'text', value: (row) => row.period.key },
  { title: 'From', type: 'date', value: (row) => row.period.start },
  { title: 'To', type: 'date', value: (row) => row.period.end },
  { title: 'No', type: 'number', value: (row) => String(row.seq) },
  { title: 'Cause', type: 'text', value: (row) => row.cause },
  { title: 'Requested by', type: 'text', value: (row) => row.requested_by },
  { title: 'Why again', type: 'text', value: (row) => row.reason },
  { title: 'As of', type: 'date', value: (row) => row.as_of },
  { title: 'Outcome', type: 'text', value: (row) => row.outcome },
  { title: 'Why no verdict', type: 'text', value: (row) => row.outcome_reason },
  { title: 'Findings', type: 'number', value: (row) => row.findings },
  { title: 'Started', type: 'instant', value: (row) => row.started_at },
  { title: 'Recorded', type: 'instant', value: (row) => row.recorded_at },
];
