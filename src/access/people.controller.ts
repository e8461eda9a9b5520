import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  because,
  grantParams,
  newGrant,
  newPerson,
  peopleList,
  peopleNames,
  personParams,
  type Because,
  type GrantParams,
  type NewGrantBody,
  type NewPerson,
  type PeopleList,
  type PeopleNames,
  type PersonParams,
} from './access.contract';
import { CallerOf, Requires, type Caller } from './caller';
import { PeopleDesk } from './people-desk';
import { PeopleQueries } from './people.queries';

@ApiTags('access')
@Controller('api/v1/people')
export class PeopleController {
  constructor(
    @Inject(PeopleQueries) private readonly queries: PeopleQueries,
    @Inject(PeopleDesk) private readonly desk: PeopleDesk,
  ) {}

  @Get()
  @Requires('people.read')
  @ApiOperation({ summary: 'People and every role they ever held', operationId: 'listPeople' })
  @ApiOkResponse({ standardSchema: peopleList, description: 'All people, by name.' })
  list(): Promise<PeopleList> {
    return this.answer();
  }

  @Get('names')
  @Requires('people.names')
  @ApiOperation({ summary: 'To whom work can be given', operationId: 'listPeopleNames' })
  @ApiOkResponse({ standardSchema: peopleNames, description: 'By name.' })
  async names(): Promise<PeopleNames> {
    return { people: await this.queries.names() };
  }

  @Post()
  @Requires('people.manage')
  @ApiOperation({ summary: 'Add somebody, without a role', operationId: 'createPerson' })
  @ApiCreatedResponse({ standardSchema: peopleList, description: 'All people, by name.' })
  @ApiConflictResponse({ description: 'The address is somebody’s already.' })
  async add(
    @Body({ schema: newPerson }) body: NewPerson,
    @CallerOf() { actor }: Caller,
  ): Promise<PeopleList> {
    await this.desk.add(body, actor);
    return this.answer();
  }

  @Post(':id/grants')
  @Requires('people.manage')
  @ApiOperation({ summary: 'Give a role', operationId: 'grantRole' })
  @ApiCreatedResponse({ standardSchema: peopleList, description: 'All people, by name.' })
  @ApiConflictResponse({ description: 'The role does not go with one that is held.' })
  async grant(
    @Param({ schema: personParams }) { id }: PersonParams,
    @Body({ schema: newGrant }) body: NewGrantBody,
    @CallerOf() { actor }: Caller,
  ): Promise<PeopleList> {
    const { role, entity, reason, window_start: start, window_end: end } = body;
    const window = start !== undefined && end !== undefined ? { start, end } : undefined;
    const order = { role, entity, reason, window, expiresAt: body.expires_at };
    await this.desk.grant(id, order, actor);
    return this.answer();
  }

  @Post(':id/grants/:grant/revoke')
  @Requires('people.manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a role', operationId: 'revokeRole' })
  @ApiNoContentResponse({ description: 'Taken.' })
  revoke(
    @Param({ schema: grantParams }) { id, grant }: GrantParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() { actor }: Caller,
  ): Promise<void> {
    return this.desk.revoke(id, grant, reason, actor);
  }

  @Post(':id/disable')
  @Requires('people.manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Shut somebody out, at once', operationId: 'disablePerson' })
  @ApiNoContentResponse({ description: 'Disabled; every session of theirs has ended.' })
  disable(
    @Param({ schema: personParams }) { id }: PersonParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() { actor }: Caller,
  ): Promise<void> {
    return this.desk.setDisabled(id, true, reason, actor);
  }

  @Post(':id/enable')
  @Requires('people.manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Let somebody in again', operationId: 'enablePerson' })
  @ApiNoContentResponse({ description: 'Enabled.' })
  enable(
    @Param({ schema: personParams }) { id }: PersonParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() { actor }: Caller,
  ): Promise<void> {
    return this.desk.setDisabled(id, false, reason, actor);
  }

  private async answer(): Promise<PeopleList> {
    return { people: await this.queries.people() };
  }
}
