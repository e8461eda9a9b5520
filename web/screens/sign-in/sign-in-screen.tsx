import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import { waysInQuery } from '../../api/queries';
import { Failure } from '../../parts/answers';
import { linkIn } from './link-in';
import classes from './sign-in.module.css';

/** Takes a one-time link, from the address or by hand, and exchanges it for a session. */
export function SignInScreen(): ReactNode {
  const [text, setText] = useState('');
  const ways = useQuery(waysInQuery).data;
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
        <Refused />
        <Provider />
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
        <Button
          type="submit"
          variant={ways === undefined || ways.oidc === null ? 'filled' : 'default'}
          loading={signIn.isPending}
          disabled={linkIn(text) === null}
        >
          Sign in
        </Button>
        {signIn.error === null ? null : <Failure error={signIn.error} />}
      </form>
    </main>
  );
}

/** The company's own sign-in, where the configuration names one. */
function Provider(): ReactNode {
  const oidc = useQuery(waysInQuery).data?.oidc ?? null;
  if (oidc === null) return null;
  return (
    <>
      {/* A whole page load: the identity provider answers, not this page. */}
      <Button component="a" href={oidc.url}>
        Sign in with {oidc.name}
      </Button>
      <div className={classes.or}>or by a link</div>
    </>
  );
}

function Refused(): ReactNode {
  const { refused } = useSearch({ from: '/sign-in' });
  if (refused === undefined) return null;
  return (
    <div role="alert" className="negative">
      {refusalWords[refused] ?? 'You were not signed in. Try again.'}
    </div>
  );
}

/** Why the identity provider's answer let nobody in. */
const refusalWords: Record<string, string> = {
  cancelled: 'You cancelled at the identity provider.',
  expired: 'That took too long, or began in another browser. Try again.',
  no_role: 'None of your groups gives a role here. Ask an administrator.',
  not_known: 'Nobody here has your address. Ask an administrator to add you.',
  roles_conflict: 'Your groups give roles that one person may not hold. Ask an administrator.',
  unavailable: 'The identity provider cannot be reached. Try again, or use a link.',
};

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
