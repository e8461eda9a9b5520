import winston from 'winston';
import { SystemClock } from './clock';
import { loggable, redactText } from './logger-redaction';

export type LogFields = Record<string, unknown>;

/** What everyone logs through: a constant message, and the facts of this occurrence in fields. */
export interface Logger {
  /** Someone must act now. */
  error(message: string, fields?: LogFields): void;
  /** Something went wrong and healed itself. */
  warn(message: string, fields?: LogFields): void;
  /** The life of a run and of the server. */
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  level: 'error' | 'warn' | 'info' | 'debug';
  /** Where lines go; stderr when absent, because stdout belongs to what a command prints. */
  stream?: NodeJS.WritableStream;
}

/**
 * One JSON object per line: time (UTC, ISO 8601), level, message, then the fields. Errors are
 * written with their chain of causes; secrets and e-mail addresses are replaced wherever they
 * stand.
 */
export function createLogger(options: LoggerOptions): Logger {
  const clock = new SystemClock();
  const stream = options.stream ?? process.stderr;
  const logger = winston.createLogger({
    level: options.level,
    format: winston.format.printf(({ level, message, fields }) =>
      JSON.stringify({
        time: clock.now(),
        level,
        message: redactText(String(message)),
        ...renamedFields(loggable(fields ?? {})),
      }),
    ),
    transports: [new winston.transports.Stream({ stream })],
    exitOnError: false,
  });
  const write =
    (level: LoggerOptions['level']) =>
    (message: string, fields?: LogFields): void => {
      logger.log({ level, message, fields });
    };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}

/** A field may not pose as the line's own time, level or message. */
function renamedFields(fields: unknown): LogFields {
  const own = new Set(['time', 'level', 'message']);
  const entries = Object.entries(fields ?? {});
  return Object.fromEntries(
    entries.map(([name, value]: [string, unknown]) => [own.has(name) ? `${name}_` : name, value]),
  );
}
