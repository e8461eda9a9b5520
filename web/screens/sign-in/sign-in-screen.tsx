import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import { Failure } from '../../parts/answers';
import { linkIn } from './link-in';
import classes from './sign-in.module.css';

/** Takes a one-time link, from the address or by hand, and exchanges it for a session. */
export function SignInScreen(): ReactNode {
  const [text, setText] = useState('');
  const signIn = useSignIn();
  const offered = useRef(linkIn(window.location.hash));
  const { mutate } = signIn;
  useEffect(() => {
    const link = offered.current;
    if (link === null) return;
    offered.current = null;
    // Used up at once: it need not stay in the history of this browser.
    window.history.replaceState(null, '', window.location.pathname);
    mutate(link);
  }, [mutate]);
  return (
    <main className={classes.place}>
      <form
        className={`sheet ${classes.form}`}
        onSubmit={(event) => {
          event.preventDefault();
          const link = linkIn(text);
          if (link !== null) mutate(link);
        }}
      >
        <h1>Sign in to Tieout</h1>
        <p className="soft">
          Paste your sign-in link. The demo prints one for each role; otherwise an administrator
          makes one with <span className="mono">tieout people sign-in-link</span>.
        </p>
        <TextInput
          label="Sign-in link"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit" loading={signIn.isPending} disabled={linkIn(text) === null}>
          Sign in
        </Button>
        {signIn.error === null ? null : <Failure error={signIn.error} />}
      </form>
    </main>
  );
}

function useSignIn(): ReturnType<typeof useMutation<void, Error, string>> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation<void, Error, string>({
    mutationFn: async (link) => {
      await dataOf(api.POST('/api/v1/sign-in', { body: { link } }));
    },
    onSuccess: async () => {
      queries.clear();
      await navigate({ to: '/' });
    },
  });
}
