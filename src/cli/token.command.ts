import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { createToken } from '../access/create-token';
import { tokenScopes, TokensStore, type TokenScope } from '../access/tokens.store';
import { Refusal } from '../core/problem';
import { action, type Means } from './command';
import { openBooksSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { openWorkspace } from './open-workspace';
import { renderTable } from './render-table';
import { TokensQueries } from './tokens.queries';
import { counted } from './text-layout';

export function addTokenCommand(program: Command): void {
  const token = program.command('token').summary('make, list and revoke API tokens');
  token
    .command('create')
    .description('Makes a token for the REST API and prints it, once: only its hash is kept.')
    .requiredOption('--name <who>', 'who will use it')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(tokenScopes).default('read'))
    .option('--days <n>', 'how long it lives, up to 366 days', '90')
    .action(action(create));
  token.command('list').description('Lists the tokens.').action(action(list));
  token
    .command('revoke')
    .description('Ends every token of a name.')
    .argument('<name>')
    .action(action(revoke));
}

async function create(
  means: Means,
  options: { name: string; scope: TokenScope; days: string },
): Promise<number> {
  const { database, clock } = await openWorkspace(means.session, openBooksSetting(means));
  const expiresInDays = /^\d{1,4}$/.test(options.days) ? Number.parseInt(options.days, 10) : 0;
  const { name, scope } = options;
  const createdBy = userInfo().username;
  const token = await createToken(database.app, { name, scope, expiresInDays, createdBy }, clock);
  means.terminal.note(`A token of scope ${scope} for ${name}; it is not shown again:`);
  means.terminal.print([token]);
  means.terminal.printJson({ name, scope, token });
  return exitCodes.ok;
}

async function list(means: Means): Promise<number> {
  const { database } = await openWorkspace(means.session, openBooksSetting(means));
  const tokens = await new TokensQueries(database.app).tokens();
  means.terminal.print([
    ...renderTable(
      tokens,
      [
        { title: 'name', cell: ({ name }) => name, shrinks: true },
        { title: 'scope', cell: ({ scope }) => scope },
        { title: 'created', cell: ({ created_at: at, created_by: by }) => `${day(at)} by ${by}` },
        { title: 'expires', cell: ({ expires_at: at }) => day(at) },
        { title: 'last used', cell: ({ last_used_at: at }) => day(at) || 'never' },
        { title: 'state', cell: ({ state }) => state },
      ],
      means.terminal.page,
    ),
    '',
    counted(tokens.length, 'token'),
  ]);
  means.terminal.printJson({ tokens });
  return exitCodes.ok;
}

const day = (instant: string | null): string => instant?.slice(0, 10) ?? '';

async function revoke(means: Means, _: object, [name = '']: string[]): Promise<number> {
  const { database, clock } = await openWorkspace(means.session, openBooksSetting(means));
  const revoked = await new TokensStore(database.app).revoke(name, clock.now());
  if (revoked === 0) throw new Refusal('not_found', `There is no live token named '${name}'.`);
  means.terminal.print([`${counted(revoked, 'token')} of ${name} revoked.`]);
  means.terminal.printJson({ name, revoked });
  return exitCodes.ok;
}
