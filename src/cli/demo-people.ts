import { sessionLimits } from '../access/access.module';
import { PeopleDesk } from '../access/people-desk';
import { PeopleQueries } from '../access/people.queries';
import { SignIn } from '../access/sign-in';
import type { Role } from '../core/permissions';
import { Refusal } from '../core/problem';
import type { Workspace } from './open-workspace';
import { cliActor, knownOrAdded } from './people.command';
import { signInUrl } from './sign-in-url';

const people: { role: Role; name: string }[] = [
  { role: 'preparer', name: 'Priya Raman' },
  { role: 'reviewer', name: 'Ruth Osei' },
  { role: 'control_author', name: 'Carl Weber' },
  { role: 'auditor', name: 'Aki Tanaka' },
  { role: 'viewer', name: 'Vera Lind' },
  { role: 'admin', name: 'Adam Novak' },
];
const domain = 'northwind.example';
const dayMs = 86_400_000;

export interface DemoLink {
  role: Role;
  name: string;
  link: string;
}

/** One person for each role, and a link for each that signs them in. */
export async function demoLinks(workspace: Workspace): Promise<DemoLink[]> {
  const { database, clock, config } = workspace;
  const signing = new SignIn(database.app, clock, sessionLimits(config));
  const links: DemoLink[] = [];
  for (const { role, name } of people) {
    const email = `${role.replace('_', '-')}@${domain}`;
    const id = await knownOrAdded(workspace, email, name);
    if (!(await holds(workspace, id, role))) await give(workspace, id, role);
    const secret = await signing.makeLink(email, cliActor());
    links.push({ role, name, link: signInUrl(config.server, secret) });
  }
  return links;
}

async function holds({ database, clock }: Workspace, id: string, role: Role): Promise<boolean> {
  const found = (await new PeopleQueries(database.app).people()).find((p) => p.person_id === id);
  if (found === undefined) throw new Refusal('not_found', `There is no person ${id}.`);
  const now = clock.now();
  return found.grants.some(
    (grant) =>
      grant.role === role &&
      grant.revoked_at === null &&
      (grant.expires_at === null || grant.expires_at > now),
  );
}

function give({ database, clock, config }: Workspace, id: string, role: Role): Promise<string> {
  const auditor = {
    window: { start: '2024-07-01', end: '2024-10-01' },
    expiresAt: new Date(Date.parse(clock.now()) + 90 * dayMs).toISOString(),
  };
  return new PeopleDesk(database.app, clock, config.entities).grant(
    id,
    {
      role,
      entity: null,
      reason: 'to show the demo',
      ...(role === 'auditor' ? auditor : {}),
    },
    cliActor(),
  );
}
