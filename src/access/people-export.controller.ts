import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { exportTypes, sendExport } from '../platform/export/send-export';
import type { ExportColumn } from '../platform/export/table';
import { peopleExportQuery, type PeopleExportQuery, type Person } from './access.contract';
import { Requires } from './caller';
import { PeopleQueries } from './people.queries';

type Grant = Person['grants'][number];
type Row = Omit<Person, 'grants'> & { grant: Grant | null };

@ApiTags('access')
@Controller('api/v1/people')
export class PeopleExportController {
  constructor(@Inject(PeopleQueries) private readonly queries: PeopleQueries) {}

  @Get('export')
  @Requires('people.read')
  @ApiOperation({
    summary: 'Who has access to what, and had, as a file',
    description: 'A row for each role that somebody holds or held; one for whoever holds none.',
    operationId: 'exportPeople',
  })
  @ApiProduces(...exportTypes)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'csv or xlsx.' })
  async export(
    @Query({ schema: peopleExportQuery }) { format }: PeopleExportQuery,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const people = await this.queries.people();
    const rows = people.flatMap(({ grants, ...person }): Row[] =>
      grants.length === 0
        ? [{ ...person, grant: null }]
        : grants.map((grant) => ({ ...person, grant })),
    );
    await sendExport(response, { name: 'people', format }, columns, rows);
  }
}

const columns: readonly ExportColumn<Row>[] = [
  { title: 'Id', type: 'text', value: (row) => row.person_id },
  { title: 'Name', type: 'text', value: (row) => row.name },
  { title: 'Email', type: 'text', value: (row) => row.email },
  { title: 'Added', type: 'instant', value: (row) => row.created_at },
  { title: 'Disabled', type: 'instant', value: (row) => row.disabled_at },
  { title: 'Last seen', type: 'instant', value: (row) => row.last_seen_at },
  { title: 'Role', type: 'text', value: ({ grant }) => grant?.role ?? null },
  { title: 'Entity', type: 'text', value: ({ grant }) => grant && (grant.entity ?? 'every') },
  { title: 'Window from', type: 'date', value: ({ grant }) => grant?.window?.start ?? null },
  { title: 'Window to', type: 'date', value: ({ grant }) => grant?.window?.end ?? null },
  { title: 'Given by', type: 'text', value: ({ grant }) => grant?.granted_by ?? null },
  { title: 'Given through', type: 'text', value: ({ grant }) => grant?.origin ?? null },
  { title: 'Given at', type: 'instant', value: ({ grant }) => grant?.granted_at ?? null },
  { title: 'Ends', type: 'instant', value: ({ grant }) => grant?.expires_at ?? null },
  { title: 'Taken at', type: 'instant', value: ({ grant }) => grant?.revoked_at ?? null },
];
