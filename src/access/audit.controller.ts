import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Reach } from '../core/permissions';
import { exportPage, exportTypes, readWhole, sendExport } from '../platform/export/send-export';
import type { ExportColumn } from '../platform/export/table';
import {
  auditExportQuery,
  auditPage,
  auditQuery,
  type AuditEvent,
  type AuditExportQuery,
  type AuditPage,
  type AuditQuery,
} from './audit.contract';
import { AuditQueries } from './audit.queries';
import { ReachOf, Requires } from './caller';

@ApiTags('audit trail')
@Controller('api/v1/audit')
export class AuditController {
  constructor(@Inject(AuditQueries) private readonly queries: AuditQueries) {}

  @Get()
  @Requires('audit.read')
  @ApiOperation({ summary: 'Every governed change, newest first', operationId: 'listAuditEvents' })
  @ApiOkResponse({ standardSchema: auditPage, description: 'A page of the trail.' })
  list(
    @Query({ schema: auditQuery }) query: AuditQuery,
    @ReachOf() reach: Reach,
  ): Promise<AuditPage> {
    return this.queries.events(query, reach);
  }

  @Get('export')
  @Requires('audit.read')
  @ApiOperation({ summary: 'The trail as a file', operationId: 'exportAuditEvents' })
  @ApiProduces(...exportTypes)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'csv or xlsx.' })
  async export(
    @Query({ schema: auditExportQuery }) { format, ...filter }: AuditExportQuery,
    @ReachOf() reach: Reach,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const rows = await readWhole((cursor) =>
      this.queries.events({ ...filter, cursor, limit: exportPage }, reach),
    );
    await sendExport(response, { name: 'audit-trail', format }, columns, rows);
  }
}

const columns: readonly ExportColumn<AuditEvent>[] = [
  { title: 'No', type: 'number', value: (row) => row.event_no },
  { title: 'At', type: 'instant', value: (row) => row.at },
  { title: 'Actor', type: 'text', value: (row) => row.actor },
  { title: 'Via', type: 'text', value: (row) => row.via },
  { title: 'Action', type: 'text', value: (row) => row.action },
  { title: 'Subject', type: 'text', value: (row) => `${row.subject_kind}:${row.subject_id}` },
  { title: 'Control', type: 'text', value: (row) => row.control_id },
  { title: 'Entity', type: 'text', value: (row) => row.entity_id },
  { title: 'Period', type: 'text', value: (row) => row.period_key },
  { title: 'Reason', type: 'text', value: (row) => row.reason },
  { title: 'Facts', type: 'text', value: (row) => JSON.stringify(row.facts) },
  { title: 'Leaf', type: 'number', value: (row) => row.leaf_no },
  { title: 'Leaf SHA-256', type: 'text', value: (row) => row.leaf_sha256 },
];
