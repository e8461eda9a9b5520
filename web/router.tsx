import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { Empty, Failure } from './parts/answers';
import { readAddress, writeAddress, textsOf } from './address';
import { filterNames } from './screens/exceptions/exceptions-query';
import { Gate } from './shell/gate';
import { SignInScreen } from './screens/sign-in/sign-in-screen';

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: textsOf('refused'),
  component: SignInScreen,
});

const screens = createRoute({ getParentRoute: () => root, id: 'screens', component: Gate });

const overview = createRoute({
  getParentRoute: () => screens,
  path: '/',
  validateSearch: textsOf('entity', 'period'),
  component: lazyRouteComponent(
    () => import('./screens/overview/overview-screen'),
    'OverviewScreen',
  ),
});
const exceptions = createRoute({
  getParentRoute: () => screens,
  path: '/exceptions',
  validateSearch: textsOf(...filterNames),
  component: lazyRouteComponent(
    () => import('./screens/exceptions/exceptions-screen'),
    'ExceptionsScreen',
  ),
});
const exception = createRoute({
  getParentRoute: () => screens,
  path: '/exceptions/$id',
  component: lazyRouteComponent(
    () => import('./screens/exceptions/exception-screen'),
    'ExceptionScreen',
  ),
});
const controls = createRoute({
  getParentRoute: () => screens,
  path: '/controls',
  validateSearch: textsOf('process', 'assertion', 'entity'),
  component: lazyRouteComponent(
    () => import('./screens/controls/controls-screen'),
    'ControlsScreen',
  ),
});
const control = createRoute({
  getParentRoute: () => screens,
  path: '/controls/$id',
  component: lazyRouteComponent(() => import('./screens/controls/control-screen'), 'ControlScreen'),
});
const versions = createRoute({
  getParentRoute: () => screens,
  path: '/controls/$id/versions',
  validateSearch: textsOf('version', 'against'),
  component: lazyRouteComponent(
    () => import('./screens/controls/versions-screen'),
    'VersionsScreen',
  ),
});
const reconciling = createRoute({
  getParentRoute: () => screens,
  path: '/reconciling-items',
  validateSearch: textsOf('state', 'control', 'entity'),
  component: lazyRouteComponent(
    () => import('./screens/reconciling/reconciling-screen'),
    'ReconcilingScreen',
  ),
});
const runs = createRoute({
  getParentRoute: () => screens,
  path: '/runs',
  validateSearch: textsOf('control', 'entity', 'period', 'outcome'),
  component: lazyRouteComponent(() => import('./screens/runs/runs-screen'), 'RunsScreen'),
});
const run = createRoute({
  getParentRoute: () => screens,
  path: '/runs/$id',
  component: lazyRouteComponent(() => import('./screens/runs/run-screen'), 'RunScreen'),
});
const sources = createRoute({
  getParentRoute: () => screens,
  path: '/sources',
  component: lazyRouteComponent(() => import('./screens/sources/sources-screen'), 'SourcesScreen'),
});
const audit = createRoute({
  getParentRoute: () => screens,
  path: '/audit',
  validateSearch: textsOf('action', 'actor', 'entity', 'control', 'subject'),
  component: lazyRouteComponent(() => import('./screens/audit/audit-screen'), 'AuditScreen'),
});
const people = createRoute({
  getParentRoute: () => screens,
  path: '/people',
  component: lazyRouteComponent(() => import('./screens/people/people-screen'), 'PeopleScreen'),
});
const account = createRoute({
  getParentRoute: () => screens,
  path: '/account',
  component: lazyRouteComponent(() => import('./screens/account/account-screen'), 'AccountScreen'),
});
const periods = createRoute({
  getParentRoute: () => screens,
  path: '/periods',
  validateSearch: textsOf('entity', 'period'),
  component: lazyRouteComponent(() => import('./screens/periods/periods-screen'), 'PeriodsScreen'),
});

const routeTree = root.addChildren([
  signIn,
  screens.addChildren([
    overview,
    exceptions,
    exception,
    controls,
    control,
    versions,
    reconciling,
    runs,
    run,
    sources,
    audit,
    people,
    account,
    periods,
  ]),
]);

export const router = createRouter({
  routeTree,
  parseSearch: readAddress,
  stringifySearch: writeAddress,
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error }) => (
    <Failure error={error instanceof Error ? error : new Error(String(error))} />
  ),
  defaultNotFoundComponent: () => (
    <Empty title="There is no such screen">Choose one from the navigation.</Empty>
  ),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
