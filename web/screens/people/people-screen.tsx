import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { peopleQuery } from '../../api/queries';
import type { Grant, Person } from '../../api/types';
import { formatDay, formatInstant } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { useEntityName, useMay } from '../../session/me';
import { AddPerson, AskReason, GrantRole } from './people-forms';

type Asked =
  | { kind: 'add' }
  | { kind: 'grant'; person: Person }
  | { kind: 'revoke'; person: Person; grant: Grant }
  | { kind: 'disable' | 'enable' | 'sign_out'; person: Person };

/** People and every role they ever held. Who grants roles decides no finding. */
export function PeopleScreen(): ReactNode {
  const query = useQuery(peopleQuery);
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  return (
    <div className="screen">
      <ScreenHead
        title="People and access"
        below="Roles are granted for one entity or for all, with a reason. Nothing is ever deleted."
        actions={
          may('people.manage') ? (
            <Button size="xs" onClick={() => setAsked({ kind: 'add' })}>
              Add a person
            </Button>
          ) : undefined
        }
      />
      <Answer query={query}>
        {({ people }) => (
          <Sheet title="People" note={counted(people.length, 'person', 'people')} flush>
            {people.length === 0 ? <Empty title="Nobody was added yet" /> : null}
            <table className="grid">
              <TableHead columns={['Person', 'Roles', 'Last seen', { unseen: 'Change' }]} />
              <tbody>
                {people.map((person) => (
                  <PersonRow key={person.person_id} person={person} onAsk={setAsked} />
                ))}
              </tbody>
            </table>
          </Sheet>
        )}
      </Answer>
      {asked?.kind === 'add' ? <AddPerson onClose={close} /> : null}
      {asked?.kind === 'grant' ? <GrantRole person={asked.person} onClose={close} /> : null}
      {asked === null || asked.kind === 'add' || asked.kind === 'grant' ? null : (
        <AskReason
          person={asked.person}
          change={asked.kind}
          grant={asked.kind === 'revoke' ? asked.grant : null}
          onClose={close}
        />
      )}
    </div>
  );
}

const isHeld = (grant: Grant): boolean => grant.revoked_at === null;

function PersonRow({
  person,
  onAsk,
}: {
  person: Person;
  onAsk: (asked: Asked) => void;
}): ReactNode {
  const may = useMay();
  const disabled = person.disabled_at !== null;
  return (
    <tr>
      <th scope="row" className="row">
        {person.name} {disabled ? <Tag tone="mute">Disabled</Tag> : null}
        <div className="soft small">{person.email}</div>
      </th>
      <td>
        {person.grants.map((grant) => (
          <GrantLine
            key={grant.grant_id}
            grant={grant}
            onRevoke={() => onAsk({ kind: 'revoke', person, grant })}
          />
        ))}
        {person.grants.length === 0 ? <span className="soft">None</span> : null}
      </td>
      <td className="nowrap">
        {person.last_seen_at === null ? (
          <span className="soft">Never</span>
        ) : (
          formatInstant(person.last_seen_at)
        )}
      </td>
      <td className="right">
        {may('people.manage') ? <PersonSteps person={person} onAsk={onAsk} /> : null}
      </td>
    </tr>
  );
}

function PersonSteps({
  person,
  onAsk,
}: {
  person: Person;
  onAsk: (asked: Asked) => void;
}): ReactNode {
  const disabled = person.disabled_at !== null;
  const isSeen = !disabled && person.last_seen_at !== null;
  const steps: readonly (readonly [word: string, asked: Asked])[] = [
    ['Give a role', { kind: 'grant', person }],
    ...(isSeen ? [['Sign out everywhere', { kind: 'sign_out', person }] as const] : []),
    disabled
      ? ['Let in again', { kind: 'enable', person }]
      : ['Shut out', { kind: 'disable', person }],
  ];
  return (
    <span className="row-flow">
      {steps.map(([word, asked]) => (
        <Button key={word} size="compact-xs" variant="default" onClick={() => onAsk(asked)}>
          {word}
        </Button>
      ))}
    </span>
  );
}

function GrantLine({ grant, onRevoke }: { grant: Grant; onRevoke: () => void }): ReactNode {
  const may = useMay();
  const entityName = useEntityName();
  const held = isHeld(grant);
  return (
    <div className={held ? undefined : 'soft'}>
      {spelled(grant.role)}, {grant.entity === null ? 'all entities' : entityName(grant.entity)}
      {grant.window === null
        ? ''
        : `, ${formatDay(grant.window.start)} to ${formatDay(grant.window.end)}`}
      {grant.expires_at === null ? '' : `, expires ${formatDay(grant.expires_at.slice(0, 10))}`}
      {held ? '' : `, until ${formatDay(grant.revoked_at?.slice(0, 10) ?? '')}`}
      {held && may('people.manage') ? (
        <Button size="compact-xs" variant="subtle" onClick={onRevoke}>
          Take
        </Button>
      ) : null}
    </div>
  );
}
