import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorCode } from '../platform/database/error-code';
import type { Logger } from '../platform/logger';
import { expectedProblem, faultProblem, sendProblem } from './problem-answer';
import { requestId } from './request-id';

/** Turns whatever a request threw into a problem document; logs what nobody expected. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const response = http.getResponse<ServerResponse>();
    const id = requestId(request);
    const expected = expectedProblem(error);
    // The client hung up while an answer was streamed: nobody is left to be told.
    if (errorCode(error) === 'ERR_STREAM_PREMATURE_CLOSE') return;
    if (expected === null) this.logger.error('request failed', { incident: id, error });
    // Half an answer cannot be taken back; cut, the client sees that it is not whole.
    if (response.headersSent) response.destroy();
    else sendProblem(response, expected ?? faultProblem(id), id);
  }
}
