import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../access/caller';
import {
  sourcesOverview,
  sourceWindows,
  windowsQuery,
  type SourcesOverview,
  type SourceWindows,
  type WindowsQuery,
} from './sources.contract';
import { SourcesQueries } from './sources.queries';

@ApiTags('sources')
@Controller('api/v1/sources')
export class SourcesController {
  constructor(@Inject(SourcesQueries) private readonly queries: SourcesQueries) {}

  @Get()
  @Requires('sources.read')
  @ApiOperation({
    summary: 'What was read of each source, and how far it is proven',
    operationId: 'listSources',
  })
  @ApiOkResponse({ standardSchema: sourcesOverview, description: 'Streams, landings, problems.' })
  list(): Promise<SourcesOverview> {
    return this.queries.overview();
  }

  @Get('windows')
  @Requires('sources.read')
  @ApiOperation({
    summary: 'The windows of one kind of object, with what proves each',
    operationId: 'listSourceWindows',
  })
  @ApiOkResponse({ standardSchema: sourceWindows, description: 'Newest first.' })
  async windows(@Query({ schema: windowsQuery }) query: WindowsQuery): Promise<SourceWindows> {
    return { windows: await this.queries.windows(query) };
  }
}
