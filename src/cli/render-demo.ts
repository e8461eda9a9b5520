import { demoClose } from '../sandbox/northwind/demo-wish';
import type { DemoLink } from './demo-people';
import type { Found, Planted } from './demo-planted';
import { countOutcomes, renderSummary } from './render-summary';
import type { RunReport } from './run-report';
import { clip, counted, duration, indent, padRight, printable, type Page } from './text-layout';

/** What the stand-in Slack was told. */
export interface DemoAlerts {
  /** Of the page that shows it. */
  url: string;
  channel: string;
  sent: number;
  /** First lines of its messages: the causes. */
  causes: string[];
}

export interface ServedDemo {
  url: string;
  token: string;
  links: readonly DemoLink[];
}

export interface DemoEnd {
  reports: readonly RunReport[];
  found: Found;
  alerts: DemoAlerts;
  /** null when the demo ends here. */
  served: ServedDemo | null;
  /** Since the process began. */
  elapsedMs: number;
}

/** The end of the demo on one screen: the runs, what Slack was told, where to look next. */
export function renderDemoEnd(
  { reports, found, alerts, served, elapsedMs }: DemoEnd,
  page: Page,
): string[] {
  const { paint } = page;
  const outcomes = reports.map(({ run }) => run.outcome);
  return [
    paint.strong('Summary'),
    ...indent(renderSummary(reports, { ...page, width: page.width - 2 }), 2),
    `  ${countOutcomes(outcomes)}, ${duration(elapsedMs)} after the start`,
    '',
    ...plantedLines(found, page),
    '',
    ...alertLines(alerts, page),
    ...(served === null ? [] : ['', ...servedLines(served, alerts, page)]),
  ];
}

/** What was planted into the company, one line each, with the codes it was found by. */
function plantedLines({ planted, unplanned }: Found, { width, paint }: Page): string[] {
  const isFound = ({ codes }: Planted): boolean => codes.every((one) => one.isFound);
  const found = planted.filter(isFound).length;
  const others = unplanned.map(({ control, findings }) => `${findings} of ${control}`);
  return [
    `${paint.strong('Planted')}  ${paint.faint(`${planted.length} problems, ${found} found`)}`,
    ...planted.map((one) => {
      const mark = isFound(one) ? paint.good('✓') : '·';
      const codes = one.codes.map(({ code }) => code).join(', ');
      return `  ${mark} ${clip(`${one.title}  ${codes}`, width - 4)}`;
    }),
    others.length === 0
      ? paint.faint('  Nothing was found where nothing was planted.')
      : `  · Findings where nothing was planted: ${others.join(', ')}`,
  ];
}

function alertLines({ channel, causes, sent }: DemoAlerts, { width, paint }: Page): string[] {
  const head = paint.strong(`Slack  #${channel}`);
  if (sent === 0) return [head, '  Nothing has changed since the last run: nothing was posted.'];
  return [
    `${head}  ${paint.faint(counted(causes.length, 'message'))}`,
    ...causes.map((cause) => clip(`  • ${printable(plain(cause))}`, width)),
  ];
}

/** Slack's three entities back into the characters they stand for. */
const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function servedLines(
  { url, token, links }: ServedDemo,
  alerts: DemoAlerts,
  { paint }: Page,
): string[] {
  const line = (name: string, text: string, remark: string): string =>
    `  ${padRight(name, 11)}${text}  ${paint.faint(remark)}`.trimEnd();
  return [
    paint.strong('Running'),
    line('REST API', url, ''),
    line('API docs', `${url}/api/docs`, ''),
    line('Slack', alerts.url, 'the stand-in; its messages as people would see them'),
    line('token', token, 'may write; shown once, lives a day'),
    '',
    paint.strong('Sign in'),
    paint.faint('  Each link works once, within a day; starting the demo anew prints new ones.'),
    ...links.map(({ role, name, link: to }) => `  ${padRight(role, 15)}${padRight(name, 13)}${to}`),
    '',
    paint.faint('  Try'),
    `    curl -s '${url}/api/v1/exceptions?severity=high'`,
    `    curl -s '${url}/api/v1/runs' \\`,
    `      -H 'Authorization: Bearer ${token}' \\`,
    `      --json '{"control":"CA-01","entity":"ni-us",` +
      `"period":"${demoClose.lastDay.slice(0, 7)}","as_of":"${demoClose.asOf}"}'`,
    '',
    'Ctrl-C stops it.',
  ];
}
