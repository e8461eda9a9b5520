import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  newOwnToken,
  ownToken,
  ownTokenMade,
  ownTokensList,
  tokenParams,
  type NewOwnToken,
  type OwnToken,
  type OwnTokenMade,
  type OwnTokensList,
  type TokenParams,
} from './own-tokens.contract';
import { CallerOf, RequiresIdentity, type Caller } from './caller';
import { OwnTokens } from './own-tokens';

@ApiTags('access')
@Controller('api/v1/me/tokens')
export class OwnTokensController {
  constructor(@Inject(OwnTokens) private readonly tokens: OwnTokens) {}

  @Get()
  @RequiresIdentity()
  @ApiOperation({ summary: 'My API tokens, newest first', operationId: 'listOwnTokens' })
  @ApiOkResponse({ standardSchema: ownTokensList, description: 'Never what they are made of.' })
  async list(@CallerOf() caller: Caller): Promise<OwnTokensList> {
    return { tokens: await this.tokens.list(caller) };
  }

  @Post()
  @RequiresIdentity()
  @ApiOperation({
    summary: 'Make a token that acts as me, within its scope',
    description: 'Only from a session: a token makes no other token.',
    operationId: 'createOwnToken',
  })
  @ApiCreatedResponse({ standardSchema: ownTokenMade, description: 'The token, shown once.' })
  create(
    @Body({ schema: newOwnToken }) body: NewOwnToken,
    @CallerOf() caller: Caller,
  ): Promise<OwnTokenMade> {
    return this.tokens.create(caller, body);
  }

  @Post(':id/revoke')
  @RequiresIdentity()
  @HttpCode(200)
  @ApiOperation({ summary: 'End one of my tokens, at once', operationId: 'revokeOwnToken' })
  @ApiOkResponse({ standardSchema: ownToken, description: 'It is of no use any more.' })
  revoke(
    @Param({ schema: tokenParams }) { id }: TokenParams,
    @CallerOf() caller: Caller,
  ): Promise<OwnToken> {
    return this.tokens.revoke(caller, id);
  }
}
