import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReachOf, Requires } from '../../access/caller';
import type { Reach } from '../../core/permissions';
import { OverviewDesk } from './overview-desk';
import { overview, overviewQuery, type Overview, type OverviewQuery } from './overview.contract';

@ApiTags('overview')
@Controller('api/v1/overview')
export class OverviewController {
  constructor(@Inject(OverviewDesk) private readonly desk: OverviewDesk) {}

  @Get()
  @Requires('runs.read')
  @ApiOperation({
    summary: 'Health of every control, what is open and at risk, and what did not run',
    operationId: 'getOverview',
  })
  @ApiOkResponse({ standardSchema: overview, description: 'As of now.' })
  get(
    @Query({ schema: overviewQuery }) { entity }: OverviewQuery,
    @ReachOf() reach: Reach,
  ): Promise<Overview> {
    return this.desk.overview({ reach, entity: entity ?? null });
  }
}
