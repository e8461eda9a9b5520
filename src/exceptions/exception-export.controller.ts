import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import type { Reach } from '../core/permissions';
import {
  exportFormat,
  exportPage,
  exportTypes,
  readWhole,
  sendExport,
} from '../platform/export/send-export';
import type { ExportColumn } from '../platform/export/table';
import { exceptionFilter, type Exception } from './exceptions.contract';
import { ExceptionsQueries } from './exceptions.queries';

const exportQuery = z.strictObject({ ...exceptionFilter, ...exportFormat });
type ExportQuery = z.infer<typeof exportQuery>;

@ApiTags('exceptions')
@Controller('api/v1/exceptions')
export class ExceptionExportController {
  constructor(@Inject(ExceptionsQueries) private readonly queries: ExceptionsQueries) {}

  @Get('export')
  @Requires('exceptions.read')
  @ApiOperation({
    summary: 'The list as a file',
    description: 'Takes the filters and the sort of the list; up to 100,000 rows.',
    operationId: 'exportExceptions',
  })
  @ApiProduces(...exportTypes)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'csv or xlsx.' })
  async export(
    @Query({ schema: exportQuery }) { format, ...filter }: ExportQuery,
    @ReachOf() reach: Reach,
    @CallerOf() { actor }: Caller,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const rows = await readWhole((cursor) =>
      this.queries.exceptions({ ...filter, cursor, limit: exportPage }, reach, actor.personId),
    );
    await sendExport(response, { name: 'exceptions', format }, columns, rows);
  }
}

const columns: readonly ExportColumn<Exception>[] = [
  { title: 'Id', type: 'text', value: (row) => row.exception_id },
  { title: 'Control', type: 'text', value: (row) => row.control_id },
  { title: 'Entity', type: 'text', value: (row) => row.entity_id },
  { title: 'Period', type: 'text', value: (row) => row.period_key },
  { title: 'Code', type: 'text', value: (row) => row.code },
  { title: 'Key', type: 'text', value: (row) => Object.values(row.key).join(' / ') },
  { title: 'State', type: 'text', value: (row) => row.state },
  { title: 'Severity', type: 'text', value: (row) => row.severity },
  { title: 'Currency', type: 'text', value: (row) => row.currency },
  { title: 'Left', type: 'number', value: (row) => row.left_amount },
  { title: 'Right', type: 'number', value: (row) => row.right_amount },
  { title: 'Difference', type: 'number', value: (row) => row.difference },
  { title: 'Impact', type: 'number', value: (row) => row.impact },
  { title: 'Explanation', type: 'text', value: (row) => row.explanation },
  { title: 'First seen', type: 'instant', value: (row) => row.first_seen_at },
  { title: 'Last seen', type: 'instant', value: (row) => row.last_seen_at },
  { title: 'Age, business days', type: 'number', value: (row) => String(row.age_days) },
  { title: 'Due', type: 'date', value: (row) => row.due_on },
  { title: 'Came back', type: 'number', value: (row) => String(row.reopened) },
  { title: 'Assignee', type: 'text', value: (row) => row.assignee?.name ?? null },
  { title: 'Disposition', type: 'text', value: (row) => row.disposition },
  { title: 'Root cause', type: 'text', value: (row) => row.root_cause },
  { title: 'Accepted until', type: 'date', value: (row) => row.accepted_until },
  { title: 'Proposed by', type: 'text', value: (row) => row.proposed_by?.name ?? null },
  { title: 'Closed by', type: 'text', value: (row) => row.closed_by?.name ?? null },
];
