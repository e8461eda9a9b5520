import { AppShell, Burger } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { LiveStrip } from './live-strip';
import { Navigation } from './navigation';
import { PersonMenu } from './person-menu';
import { SchemeSwitch } from './scheme-switch';
import classes from './frame.module.css';

/** What stands around every screen. */
export function Frame(): ReactNode {
  const [open, { toggle, close }] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // A screen reader reads on from the new screen, not from the link that led to it.
    main.current?.focus();
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <AppShell
      layout="alt"
      header={{ height: 48 }}
      navbar={{ width: 204, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 12, sm: 22 }}
    >
      <a className="skip" href="#main">
        To the content
      </a>
      <AppShell.Header className={classes.header}>
        <Burger
          opened={open}
          onClick={toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={open ? 'Close the navigation' : 'Open the navigation'}
        />
        <span className={classes.brandSmall}>Tieout</span>
        <span className={classes.spring} />
        <SchemeSwitch />
        <PersonMenu />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <Navigation onChosen={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <LiveStrip />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
