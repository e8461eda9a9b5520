import type { Command } from 'commander';
import { Refusal } from '../core/problem';
import { action, type Means } from './command';
import { openBooksSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { openWorkspace } from './open-workspace';
import { OpenExceptionsQueries } from './open-exceptions.queries';
import { renderExceptions, renderImpacts } from './render-exceptions';
import { countOpen } from './run-report';
import { counted } from './text-layout';

interface ExceptionsOptions {
  control?: string;
  entity?: string;
  period?: string;
  state: string;
  limit: string;
}

const mostListed = 10_000;

export function addExceptionsCommand(program: Command): void {
  program
    .command('exceptions')
    .summary('list exceptions, the gravest first')
    .option('--control <id>', 'of one control')
    .option('--entity <id>', 'of one entity')
    .option('--period <key>', 'of one period')
    .option('--state <state>', 'open, cleared or any', 'open')
    .option('--limit <n>', `at most this many, up to ${mostListed}`, '20')
    .action(action(listExceptions));
}

async function listExceptions(means: Means, options: ExceptionsOptions): Promise<number> {
  const { session, terminal } = means;
  const limit = readLimit(options.limit);
  if (!['open', 'cleared', 'any'].includes(options.state))
    throw new Refusal('invalid_request', `--state is open, cleared or any, not ${options.state}.`);
  const filter = { ...options, state: options.state === 'any' ? undefined : options.state };
  const { database } = await openWorkspace(session, openBooksSetting(means));
  const queries = new OpenExceptionsQueries(database.app);
  const exceptions = await queries.gravest(filter, limit);
  const totals = await queries.totals(filter);
  const count = countOpen(totals);
  const impacts = renderImpacts(totals);
  const words = options.state === 'any' ? '' : ` ${options.state}`;
  terminal.print([
    ...renderExceptions(
      exceptions,
      { rest: { count: count - exceptions.length, hint: 'raise --limit' }, withScope: true },
      terminal.page,
    ),
    ...(count > 0 ? [''] : []),
    `${counted(count, 'exception')}${words}${impacts === '' ? '' : `: ${impacts}`}`,
  ]);
  terminal.printJson({ exceptions, totals });
  return exitCodes.ok;
}

function readLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (limit >= 1 && limit <= mostListed) return limit;
  throw new Refusal('invalid_request', `--limit is a whole number from 1 to ${mostListed}.`);
}
