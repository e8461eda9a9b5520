import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { because, personParams, type Because, type PersonParams } from './access.contract';
import { CallerOf, Requires, RequiresIdentity, type Caller } from './caller';
import { SessionDesk } from './session-desk';
import {
  sessionParams,
  sessionsList,
  type SessionParams,
  type SessionsList,
} from './sessions.contract';

const left = { standardSchema: sessionsList, description: 'Those that live, seen last first.' };

@ApiTags('access')
@Controller('api/v1')
export class SessionsController {
  constructor(@Inject(SessionDesk) private readonly desk: SessionDesk) {}

  @Get('me/sessions')
  @RequiresIdentity()
  @ApiOperation({ summary: 'Where I am signed in', operationId: 'listOwnSessions' })
  @ApiOkResponse(left)
  async own(@CallerOf() caller: Caller): Promise<SessionsList> {
    return { sessions: await this.desk.own(caller) };
  }

  @Post('me/sessions/end-others')
  @RequiresIdentity()
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign out everywhere else', operationId: 'endOtherSessions' })
  @ApiOkResponse(left)
  async endOthers(@CallerOf() caller: Caller): Promise<SessionsList> {
    await this.desk.endOthers(caller);
    return { sessions: await this.desk.own(caller) };
  }

  @Post('me/sessions/:id/end')
  @RequiresIdentity()
  @HttpCode(200)
  @ApiOperation({ summary: 'End one of my sessions, at once', operationId: 'endOwnSession' })
  @ApiOkResponse(left)
  async endOwn(
    @Param({ schema: sessionParams }) { id }: SessionParams,
    @CallerOf() caller: Caller,
  ): Promise<SessionsList> {
    await this.desk.endOwn(caller, id);
    return { sessions: await this.desk.own(caller) };
  }

  @Get('people/:id/sessions')
  @Requires('people.read')
  @ApiOperation({ summary: 'Where somebody is signed in', operationId: 'listSessions' })
  @ApiOkResponse(left)
  async of(
    @Param({ schema: personParams }) { id }: PersonParams,
    @CallerOf() caller: Caller,
  ): Promise<SessionsList> {
    return { sessions: await this.desk.of(id, caller) };
  }

  @Post('people/:id/sessions/end')
  @Requires('people.manage')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign somebody out everywhere', operationId: 'endSessions' })
  @ApiOkResponse(left)
  async endAll(
    @Param({ schema: personParams }) { id }: PersonParams,
    @Body({ schema: because }) { reason }: Because,
    @CallerOf() caller: Caller,
  ): Promise<SessionsList> {
    await this.desk.endAllOf(caller, id, reason);
    return { sessions: await this.desk.of(id, caller) };
  }
}
