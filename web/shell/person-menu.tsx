import { Button, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, dataOf } from '../api/client';
import { spelled } from '../format/words';
import { useMe } from '../session/me';

/** Who is signed in, as what, and the way out. */
export function PersonMenu(): ReactNode {
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  if (me === undefined) return null;
  const signOut = async (): Promise<void> => {
    const { end_session_url: away } = await dataOf(api.POST('/api/v1/sign-out'));
    queries.clear();
    if (away !== null) window.location.assign(away);
    else await navigate({ to: '/sign-in' });
  };
  const roles = [...new Set(me.roles.map(({ role }) => spelled(role)))].join(', ');
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-md" className="person">
          {me.name}
          {roles === '' ? null : <span className="soft small">&nbsp;· {roles}</span>}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email ?? me.actor}</Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/account' })}>Your account</Menu.Item>
        {me.kind === 'person' ? (
          <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
        ) : (
          <Menu.Item onClick={() => void navigate({ to: '/sign-in' })}>Sign in</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
