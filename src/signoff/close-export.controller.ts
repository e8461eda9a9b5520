import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { ReachOf, Requires } from '../access/caller';
import type { Reach } from '../core/permissions';
import { exportTypes, sendExport } from '../platform/export/send-export';
import type { ExportColumn } from '../platform/export/table';
import { requireEntity } from './require-entity';
import { closeExportQuery, type Close, type CloseExportQuery } from './signoff.contract';
import { SignoffQueries } from './signoff.queries';

type Control = Close['controls'][number];
type Row = Omit<Control, 'periods'> & Control['periods'][number];

@ApiTags('sign-off')
@Controller('api/v1/close')
export class CloseExportController {
  constructor(@Inject(SignoffQueries) private readonly queries: SignoffQueries) {}

  @Get('export')
  @Requires('signoff.read')
  @ApiOperation({ summary: 'A month of an entity as a file', operationId: 'exportClose' })
  @ApiProduces(...exportTypes)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'csv or xlsx.' })
  async export(
    @Query({ schema: closeExportQuery }) { entity, period, format }: CloseExportQuery,
    @ReachOf() reach: Reach,
    @Res() response: ServerResponse,
  ): Promise<void> {
    requireEntity(reach, entity);
    const { controls } = await this.queries.close(entity, period, reach);
    const rows = controls.flatMap(({ periods, ...control }) =>
      periods.map((one): Row => ({ ...control, ...one })),
    );
    await sendExport(response, { name: `close-${entity}-${period}`, format }, columns, rows);
  }
}

const unsettled = (severity: 'low' | 'medium' | 'high' | 'critical') => (row: Row) =>
  String(row.unsettled[severity] ?? 0);

const columns: readonly ExportColumn<Row>[] = [
  { title: 'Control', type: 'text', value: (row) => row.control_id },
  { title: 'Title', type: 'text', value: (row) => row.title },
  { title: 'Process', type: 'text', value: (row) => row.process },
  { title: 'Key control', type: 'text', value: (row) => (row.key_control ? 'yes' : 'no') },
  { title: 'Owner', type: 'text', value: (row) => row.owner },
  { title: 'Reviewer', type: 'text', value: (row) => row.reviewer },
  { title: 'Period', type: 'text', value: (row) => row.period_key },
  { title: 'Run', type: 'text', value: (row) => row.run_id },
  { title: 'Outcome', type: 'text', value: (row) => row.outcome ?? 'not run' },
  { title: 'Recorded', type: 'instant', value: (row) => row.recorded_at },
  { title: 'Unsettled critical', type: 'number', value: unsettled('critical') },
  { title: 'Unsettled high', type: 'number', value: unsettled('high') },
  { title: 'Unsettled medium', type: 'number', value: unsettled('medium') },
  { title: 'Unsettled low', type: 'number', value: unsettled('low') },
  { title: 'State', type: 'text', value: (row) => row.state },
  { title: 'Prepared by', type: 'text', value: (row) => row.prepared?.name ?? null },
  { title: 'Prepared at', type: 'instant', value: (row) => row.prepared?.at ?? null },
  { title: 'Reviewed by', type: 'text', value: (row) => row.reviewed?.name ?? null },
  { title: 'Reviewed at', type: 'instant', value: (row) => row.reviewed?.at ?? null },
  { title: 'Reopened because', type: 'text', value: (row) => row.reopened_reason },
  { title: 'Blocked by', type: 'text', value: (row) => row.blockers.join(' ') },
];
