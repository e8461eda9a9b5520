import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import type { Actor } from '../access/audit-trail';
import { sessionLimits } from '../access/access.module';
import { PeopleDesk } from '../access/people-desk';
import { PeopleQueries } from '../access/people.queries';
import { SignIn } from '../access/sign-in';
import { roles, type Role } from '../core/permissions';
import { InvalidInput, Refusal } from '../core/problem';
import { action, type Means } from './command';
import { openBooksSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { openWorkspace, type Workspace } from './open-workspace';
import { renderTable } from './render-table';
import { signInUrl } from './sign-in-url';
import { counted } from './text-layout';

interface AddOptions {
  name: string;
  role?: Role[];
  entity?: string;
  window?: string;
  until?: string;
}

/** Whoever has this machine and its database; the trail names their account. */
export const cliActor = (): Actor => ({
  name: `cli:${userInfo().username}`,
  personId: null,
  via: 'cli',
});

export function addPeopleCommands(program: Command): void {
  const people = program.command('people').summary('add and list people and their roles');
  people
    .command('add')
    .description('Adds somebody with a role, or gives a role to somebody who is known.')
    .argument('<email>')
    .option('--name <name>', 'how they are called (default: the address)')
    .addOption(new Option('--role <role...>', 'what they may do').choices(roles))
    .option('--entity <id>', 'the one entity it is for (default: every entity)')
    .option('--window <from..to>', 'for an auditor: the days whose periods they see')
    .option('--until <day>', 'when the role ends; for an auditor it must be given')
    .action(action(add));
  people.command('list').description('Lists people and the roles they hold.').action(action(list));
  program
    .command('sign-in-link')
    .summary('print a link that signs somebody in once')
    .description('Prints a link that signs somebody in, once, within a day.')
    .argument('<email>')
    .action(action(printLink));
}

async function add(means: Means, options: AddOptions, [email = '']: string[]): Promise<number> {
  const workspace = await openWorkspace(means.session, openBooksSetting(means));
  const personId = await knownOrAdded(workspace, email, options.name);
  const { database, clock, config } = workspace;
  const desk = new PeopleDesk(database.app, clock, config.entities);
  for (const role of options.role ?? [])
    await desk.grant(
      personId,
      {
        role,
        entity: options.entity ?? null,
        window: windowOf(options.window),
        expiresAt: options.until === undefined ? undefined : `${options.until}T00:00:00.000Z`,
        reason: 'given on the command line',
      },
      cliActor(),
    );
  means.terminal.print([`${email}: ${(options.role ?? ['no role']).join(', ')}.`]);
  means.terminal.printJson({ person_id: personId, email, roles: options.role ?? [] });
  return exitCodes.ok;
}

/** The id of somebody, who is added when nobody has the address yet. */
export async function knownOrAdded(
  { database, clock, config }: Pick<Workspace, 'database' | 'clock' | 'config'>,
  email: string,
  name: string | undefined,
): Promise<string> {
  const people = await new PeopleQueries(database.app).people();
  const known = people.find((person) => person.email === email.toLowerCase());
  if (known !== undefined) return known.person_id;
  if (!/^[^@\s]+@[^@\s]+$/.test(email))
    throw new Refusal('invalid_request', `'${email}' is not an e-mail address.`);
  const desk = new PeopleDesk(database.app, clock, config.entities);
  return desk.add({ email, name: name ?? email }, cliActor());
}

function windowOf(text: string | undefined): { start: string; end: string } | undefined {
  if (text === undefined) return undefined;
  const [, start, end] = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  if (start === undefined || end === undefined)
    throw new InvalidInput('command line', [
      {
        field: '--window',
        message: 'is not two days.',
        remedy: 'Write 2026-01-01..2027-01-01; the second day is the first one outside.',
      },
    ]);
  return { start, end };
}

async function list(means: Means): Promise<number> {
  const { database, clock } = await openWorkspace(means.session, openBooksSetting(means));
  const people = await new PeopleQueries(database.app).people();
  const now = clock.now();
  const rolesOf = (grants: (typeof people)[number]['grants']): string =>
    grants
      .filter((grant) => grant.revoked_at === null)
      .filter((grant) => grant.expires_at === null || grant.expires_at > now)
      .map(({ role, entity }) => (entity === null ? role : `${role} of ${entity}`))
      .join(', ');
  means.terminal.print([
    ...renderTable(
      people,
      [
        { title: 'address', cell: ({ email }) => email },
        { title: 'name', cell: ({ name }) => name, shrinks: true },
        { title: 'roles', cell: ({ grants }) => rolesOf(grants) || 'none' },
        { title: 'state', cell: ({ disabled_at: at }) => (at === null ? 'active' : 'disabled') },
      ],
      means.terminal.page,
    ),
    '',
    counted(people.length, 'person', 'people'),
  ]);
  means.terminal.printJson({ people });
  return exitCodes.ok;
}

async function printLink(means: Means, _: object, [email = '']: string[]): Promise<number> {
  const { database, clock, config } = await openWorkspace(means.session, openBooksSetting(means));
  const signing = new SignIn(database.app, clock, sessionLimits(config));
  const link = signInUrl(config.server, await signing.makeLink(email, cliActor()));
  means.terminal.note(`Signs ${email} in, once, within a day:`);
  means.terminal.print([link]);
  means.terminal.printJson({ email, link });
  return exitCodes.ok;
}
