import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ownTokensQuery } from '../../api/queries';
import type { OwnToken } from '../../api/types';
import { formatDay, formatInstant } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { useEntityName, useMe } from '../../session/me';
import { SessionsSheet } from './sessions-sheet';
import { TokenForm } from './token-form';
import { useRevokeToken } from './token-steps';

/** What the reader is here: roles, this session, and tokens that act as them. */
export function AccountScreen(): ReactNode {
  const me = useMe();
  return (
    <div className="screen">
      <ScreenHead title="Your account" below={me?.email ?? me?.actor} />
      <div className="columns">
        <div className="half">
          <RolesSheet />
        </div>
        <div className="half">
          <SessionSheet />
        </div>
      </div>
      {me?.kind === 'person' ? (
        <>
          <SessionsSheet />
          <TokensSheet />
        </>
      ) : null}
    </div>
  );
}

function RolesSheet(): ReactNode {
  const me = useMe();
  const entityName = useEntityName();
  return (
    <Sheet title="Roles" note="An administrator gives and takes them">
      {me === undefined || me.roles.length === 0 ? (
        <span className="soft">None</span>
      ) : (
        <ul className="plain-list">
          {me.roles.map(({ role, entity, window }) => (
            <li key={`${role} ${entity}`}>
              {spelled(role)}, {entity === null ? 'all entities' : entityName(entity)}
              {window === null
                ? ''
                : `, periods from ${formatDay(window.start)} to ${formatDay(window.end)}`}
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}

function SessionSheet(): ReactNode {
  const session = useMe()?.session ?? null;
  return (
    <Sheet title="This session">
      {session === null ? (
        <span className="soft">You are not signed in as a person.</span>
      ) : (
        <dl className="facts">
          <dt>Began</dt>
          <dd>{formatInstant(session.started_at)}</dd>
          <dt>Ends</dt>
          <dd>
            {formatInstant(session.ends_at)}, or after{' '}
            {counted(session.idle_minutes, 'idle minute')}
          </dd>
        </dl>
      )}
    </Sheet>
  );
}

function TokensSheet(): ReactNode {
  const query = useQuery(ownTokensQuery);
  const [asked, setAsked] = useState(false);
  return (
    <Sheet
      title="API tokens"
      note="Each acts as you, within its scope"
      end={
        <Button size="compact-sm" onClick={() => setAsked(true)}>
          Make a token
        </Button>
      }
      flush
    >
      <Answer query={query} rows={3}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Empty title="You have no token">Programs need one to call the API for you.</Empty>
          ) : (
            <TokensTable tokens={tokens} at={query.dataUpdatedAt} />
          )
        }
      </Answer>
      {asked ? <TokenForm onClose={() => setAsked(false)} /> : null}
    </Sheet>
  );
}

/** `at`: when they were read, in milliseconds; what had ended then cannot be ended. */
function TokensTable({ tokens, at }: { tokens: readonly OwnToken[]; at: number }): ReactNode {
  return (
    <table className="grid">
      <TableHead columns={['What for', 'May', 'Made', 'Last used', 'Ends', { unseen: 'End' }]} />
      <tbody>
        {tokens.map((token) => (
          <TokenRow key={token.token_id} token={token} at={at} />
        ))}
      </tbody>
    </table>
  );
}

function TokenRow({ token, at }: { token: OwnToken; at: number }): ReactNode {
  const entityName = useEntityName();
  const revoke = useRevokeToken();
  const isOver = token.revoked_at !== null || Date.parse(token.expires_at) <= at;
  return (
    <tr>
      <th scope="row" className="row">
        {token.name}
      </th>
      <td>
        {token.scope === 'write' ? 'read and write' : 'read'}
        {token.entity === null ? '' : `, ${entityName(token.entity)} only`}
      </td>
      <td className="nowrap">{formatInstant(token.created_at)}</td>
      <td className="nowrap">
        {token.last_used_at === null ? (
          <span className="soft">never</span>
        ) : (
          formatInstant(token.last_used_at)
        )}
      </td>
      <td className="nowrap">
        {token.revoked_at === null ? (
          formatDay(token.expires_at.slice(0, 10))
        ) : (
          <Tag tone="mute">Ended {formatDay(token.revoked_at.slice(0, 10))}</Tag>
        )}
      </td>
      <td className="right">
        {isOver ? null : (
          <Button
            size="compact-xs"
            variant="default"
            loading={revoke.isPending}
            onClick={() => revoke.mutate(token.token_id)}
          >
            End it
          </Button>
        )}
      </td>
    </tr>
  );
}
