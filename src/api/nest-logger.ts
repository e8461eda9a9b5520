import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../platform/logger';

/** Nest's own words through our logger: its warnings and errors, not its start-up lines. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: () => undefined,
    warn: (said: unknown) => logger.warn('framework', { said }),
    error: (said: unknown, ...more: unknown[]) => logger.error('framework', { said, more }),
    fatal: (said: unknown, ...more: unknown[]) => logger.error('framework', { said, more }),
  };
}
