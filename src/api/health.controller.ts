import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpenToAll } from '../access/caller';
import { Health, NotReady } from './health';

const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
type HealthAnswer = z.infer<typeof health>;

@ApiTags('health')
@OpenToAll()
@Controller('health')
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs', operationId: 'getLiveness' })
  @ApiOkResponse({ standardSchema: health, description: 'It does.' })
  live(): HealthAnswer {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'The database answers and is current, the evidence store can be written',
    operationId: 'getReadiness',
  })
  @ApiOkResponse({ standardSchema: health, description: 'Ready.' })
  @ApiResponse({ status: 503, description: 'Not ready; `problems` says why.' })
  async ready(): Promise<HealthAnswer> {
    const problems = await this.health.problems();
    if (problems.length > 0) throw new NotReady(problems);
    return { status: 'ok' };
  }
}
