import {
  Controller,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  type RawBodyRequest,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { OpenToAll } from '../../access/caller';
import { StripeWebhook } from './stripe-webhook';

const params = z.strictObject({ name: z.string().max(100) });

/** Where Stripe says that something changed. Whoever signs is let in; nothing is answered. */
@ApiExcludeController()
@Controller('webhooks/stripe')
export class StripeWebhookController {
  constructor(@Inject(StripeWebhook) private readonly webhook: StripeWebhook) {}

  @Post(':name')
  @OpenToAll()
  @HttpCode(204)
  async receive(
    @Param({ schema: params }) { name }: z.infer<typeof params>,
    @Req() request: RawBodyRequest<IncomingMessage>,
  ): Promise<void> {
    const { 'stripe-signature': signature } = request.headers;
    const text = Array.isArray(signature) ? signature.join(',') : signature;
    await this.webhook.receive(name, request.rawBody ?? Buffer.alloc(0), text);
  }
}
