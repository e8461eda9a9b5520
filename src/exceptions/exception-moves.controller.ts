import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { CallerOf, ReachOf, Requires, type Caller } from '../access/caller';
import { Refusal } from '../core/problem';
import { reachOf, type Reach } from '../core/permissions';
import { EvidenceStore } from '../evidence/evidence-store';
import { readEvidence } from '../evidence/read-evidence';
import { attachmentOf } from '../platform/http/attachment-header';
import { keepAttachment } from './attachments';
import { ExceptionDesk } from './exception-desk';
import {
  exceptionDetail,
  exceptionParams,
  type ExceptionDetail,
  type ExceptionParams,
} from './exceptions.contract';
import { ExceptionsQueries } from './exceptions.queries';
import {
  assignment,
  attachmentParams,
  attachmentQuery,
  bulkMove,
  bulkResult,
  comment,
  exceptionMove,
  type Assignment,
  type AttachmentParams,
  type AttachmentQuery,
  type BulkMove,
  type BulkResult,
  type Comment,
  type ExceptionMove,
} from './moves.contract';
import type { Deed } from './change-of-move';

const moved = { standardSchema: exceptionDetail, description: 'The exception after it.' };
const refused = { description: 'illegal_move, or conflict: it changed since it was looked at.' };

@ApiTags('exceptions')
@Controller('api/v1/exceptions')
export class ExceptionMovesController {
  constructor(
    @Inject(ExceptionDesk) private readonly desk: ExceptionDesk,
    @Inject(ExceptionsQueries) private readonly queries: ExceptionsQueries,
    @Inject(EvidenceStore) private readonly store: EvidenceStore,
  ) {}

  @Post('bulk')
  @Requires('exceptions.discuss')
  @HttpCode(200)
  @ApiOperation({ summary: 'Move several exceptions', operationId: 'moveExceptions' })
  @ApiOkResponse({ standardSchema: bulkResult, description: 'What was moved, and what was not.' })
  bulk(
    @Body({ schema: bulkMove }) { ids, order }: BulkMove,
    @CallerOf() caller: Caller,
  ): Promise<BulkResult> {
    return this.desk.moveAll(caller, ids, order);
  }

  @Post(':id/moves')
  @Requires('exceptions.discuss')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Move an exception on',
    description: '`moves` of the exception lists what is possible now.',
    operationId: 'moveException',
  })
  @ApiOkResponse(moved)
  @ApiConflictResponse(refused)
  move(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @Body({ schema: exceptionMove }) order: ExceptionMove,
    @CallerOf() caller: Caller,
  ): Promise<ExceptionDetail> {
    return this.moveOne(caller, id, order);
  }

  @Post(':id/comments')
  @Requires('exceptions.discuss')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say something about it', operationId: 'commentException' })
  @ApiOkResponse(moved)
  comment(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @Body({ schema: comment }) { text }: Comment,
    @CallerOf() caller: Caller,
  ): Promise<ExceptionDetail> {
    return this.moveOne(caller, id, { move: 'comment', reason: text });
  }

  @Post(':id/assignments')
  @Requires('exceptions.discuss')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give it to somebody', operationId: 'assignException' })
  @ApiOkResponse(moved)
  @ApiConflictResponse({ description: 'They hold no role to work on this entity.' })
  assign(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @Body({ schema: assignment }) order: Assignment,
    @CallerOf() caller: Caller,
  ): Promise<ExceptionDetail> {
    return this.moveOne(caller, id, { move: 'assign', ...order });
  }

  @Post(':id/attachments')
  @Requires('exceptions.discuss')
  @ApiOperation({
    summary: 'Keep a file with it, as evidence',
    description: 'The body is the file: pdf, png, jpeg, xlsx, csv, txt or eml of up to 10 MiB.',
    operationId: 'attachToException',
  })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiCreatedResponse(moved)
  async attach(
    @Param({ schema: exceptionParams }) { id }: ExceptionParams,
    @Query({ schema: attachmentQuery }) { name }: AttachmentQuery,
    @CallerOf() caller: Caller,
    @Req() request: IncomingMessage,
  ): Promise<ExceptionDetail> {
    // Nothing is kept for an exception that the caller does not see.
    await this.detail(caller, id);
    const file = await keepAttachment(this.store, request, name);
    return this.moveOne(caller, id, { move: 'attach', file });
  }

  @Get(':id/attachments/:sha256')
  @Requires('exceptions.read')
  @ApiOperation({ summary: 'A file kept with it', operationId: 'downloadAttachment' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'The file.' })
  async download(
    @Param({ schema: attachmentParams }) { id, sha256 }: AttachmentParams,
    @ReachOf() reach: Reach,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const file = await this.queries.attachment(id, sha256, reach);
    if (file === null) throw new Refusal('not_found', 'No such file is kept with it.');
    const content = await readEvidence(this.store, file);
    // Never shown in the page: what people bring in is not ours to run.
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', file.bytes);
    response.setHeader('Content-Disposition', attachmentOf(file.name));
    await once(content, 'readable');
    await pipeline(content, response);
  }

  private async moveOne(caller: Caller, id: string, deed: Deed): Promise<ExceptionDetail> {
    await this.desk.move(caller, id, deed);
    return this.detail(caller, id);
  }

  private async detail(caller: Caller, id: string): Promise<ExceptionDetail> {
    const reach = reachOf(caller.holder, 'exceptions.read');
    const exception = await this.queries.exception(id, reach, caller);
    if (exception === null) throw new Refusal('not_found', `There is no exception ${id}.`);
    return exception;
  }
}
