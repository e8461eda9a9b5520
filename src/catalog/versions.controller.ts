import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { because, type Because } from '../access/access.contract';
import { CallerOf, Requires, type Caller } from '../access/caller';
import { controlParams, type ControlParams } from './catalog.contract';
import { ControlVersions } from './control-versions';
import {
  controlVersions,
  differenceQuery,
  versionDifference,
  versionParams,
  type ControlVersions as Answer,
  type DifferenceQuery,
  type VersionDifference,
  type VersionParams,
} from './versions.contract';

const all = { standardSchema: controlVersions, description: 'All versions, newest first.' };

@ApiTags('controls')
@Controller('api/v1/controls/:id/versions')
export class VersionsController {
  constructor(@Inject(ControlVersions) private readonly kept: ControlVersions) {}

  @Get()
  @Requires('controls.read')
  @ApiOperation({ summary: 'Versions, and who approved them', operationId: 'listControlVersions' })
  @ApiOkResponse(all)
  list(@Param({ schema: controlParams }) { id }: ControlParams): Promise<Answer> {
    return this.answer(id);
  }

  @Get(':version/difference')
  @Requires('controls.read')
  @ApiOperation({ summary: 'What a version changed', operationId: 'compareControlVersions' })
  @ApiOkResponse({ standardSchema: versionDifference, description: 'The files that differ.' })
  difference(
    @Param({ schema: versionParams }) { id, version }: VersionParams,
    @Query({ schema: differenceQuery }) { against }: DifferenceQuery,
  ): Promise<VersionDifference> {
    return this.kept.difference(id, version, against);
  }

  @Post(':version/submit')
  @Requires('controls.submit')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version forward, as its author', operationId: 'submitControl' })
  @ApiOkResponse(all)
  @ApiConflictResponse({ description: 'It is decided already.' })
  async submit(
    @Param({ schema: versionParams }) { id, version }: VersionParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() caller: Caller,
  ): Promise<Answer> {
    await this.kept.submit(caller, id, version, reason);
    return this.answer(id);
  }

  @Post(':version/approve')
  @Requires('controls.approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve a version for schedules', operationId: 'approveControl' })
  @ApiOkResponse(all)
  @ApiConflictResponse({ description: 'It is decided already, or not submitted yet.' })
  async approve(
    @Param({ schema: versionParams }) { id, version }: VersionParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() caller: Caller,
  ): Promise<Answer> {
    await this.kept.approve(caller, id, version, reason);
    return this.answer(id);
  }

  private async answer(id: string): Promise<Answer> {
    return { versions: await this.kept.versions(id) };
  }
}
