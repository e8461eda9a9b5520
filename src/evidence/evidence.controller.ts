import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReachOf, Requires } from '../access/caller';
import type { Reach } from '../core/permissions';
import { Refusal } from '../core/problem';
import {
  evidenceFileParams,
  evidenceList,
  evidenceParams,
  type EvidenceFileParams,
  type EvidenceList,
  type EvidenceParams,
} from './evidence.contract';
import { attachmentOf } from '../platform/http/attachment-header';
import { EvidenceStore } from './evidence-store';
import { EvidenceQueries, type RunEvidence } from './evidence.queries';
import { readEvidence } from './read-evidence';
import { zipEvidence } from './zip-evidence';

const contentTypes: Record<string, string> = {
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'application/jsonl; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.parquet': 'application/vnd.apache.parquet',
  '.sql': 'application/sql; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.yaml': 'application/yaml; charset=utf-8',
};
const unknownType = 'application/octet-stream';

@ApiTags('evidence')
@Controller('api/v1/runs/:id')
export class EvidenceController {
  constructor(
    @Inject(EvidenceQueries) private readonly queries: EvidenceQueries,
    @Inject(EvidenceStore) private readonly store: EvidenceStore,
  ) {}

  @Get('evidence')
  @Requires('evidence.read')
  @ApiOperation({ summary: 'The files that prove a run', operationId: 'listEvidence' })
  @ApiOkResponse({ standardSchema: evidenceList, description: 'Paths, hashes and sizes.' })
  async list(
    @Param({ schema: evidenceParams }) { id }: EvidenceParams,
    @ReachOf() reach: Reach,
  ): Promise<EvidenceList> {
    return { run_id: id, files: (await this.evidenceOf(id, reach)).files };
  }

  @Get('evidence.zip')
  @Requires('evidence.read')
  @ApiOperation({ summary: 'All files that prove a run', operationId: 'downloadEvidence' })
  @ApiProduces('application/zip')
  @ApiOkResponse({
    schema: { type: 'string', format: 'binary' },
    description: 'A ZIP file with the paths of the list.',
  })
  async zip(
    @Param({ schema: evidenceParams }) { id }: EvidenceParams,
    @ReachOf() reach: Reach,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const evidence = await this.evidenceOf(id, reach);
    response.setHeader('Content-Type', 'application/zip');
    response.setHeader('Content-Disposition', `attachment; filename="run-${id}.zip"`);
    await pipeline(zipEvidence(this.store, evidence), response);
  }

  @Get('evidence/*path')
  @Requires('evidence.read')
  @ApiOperation({
    summary: 'One file, byte for byte',
    description: 'The ETag is the SHA-256 of the content, which is checked as it is sent.',
    operationId: 'downloadEvidenceFile',
  })
  @ApiProduces(unknownType)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'The file.' })
  @ApiResponse({ status: 304, description: 'If-None-Match holds its ETag.' })
  async download(
    @Param({ schema: evidenceFileParams }) { id, path: parts }: EvidenceFileParams,
    @ReachOf() reach: Reach,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const file = await this.fileOf(id, parts.join('/'), reach);
    const tag = `"${file.sha256}"`;
    response.setHeader('ETag', tag);
    response.setHeader('Cache-Control', 'private, no-cache');
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(tag)) {
      response.writeHead(304).end();
      return;
    }
    const content = await readEvidence(this.store, file);
    const type = contentTypes[path.posix.extname(file.path)] ?? unknownType;
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Length', file.bytes);
    response.setHeader('Content-Disposition', attachmentOf(path.posix.basename(file.path)));
    await once(content, 'readable'); // a fault known by now is still told in words
    await pipeline(content, response);
  }

  private async fileOf(
    runId: string,
    file: string,
    reach: Reach,
  ): Promise<{ path: string; sha256: string; bytes: string }> {
    // Postgres knows no text with NUL, so no manifest has such a path.
    const found = file.includes('\0') ? null : await this.queries.file(runId, file, reach);
    if (found === null)
      throw new Refusal('not_found', 'The run has no evidence of this path, or does not exist.');
    return found;
  }

  private async evidenceOf(runId: string, reach: Reach): Promise<RunEvidence> {
    const evidence = await this.queries.ofRun(runId, reach);
    if (evidence === null) throw new Refusal('not_found', `There is no run ${runId}.`);
    return evidence;
  }
}
