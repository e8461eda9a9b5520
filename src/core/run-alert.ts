import { canonicalJson, sha256Hex, type Json } from './canonical-json';
import { formatAmount } from './money';
import type { Outcome, Severity } from './outcome';

/** What a finished run has to tell people: facts, from which every channel renders its words. */
export interface RunAlert {
  control: { id: string; title: string; owner: string };
  entity: { id: string; name: string };
  /** The period key, such as '2026-10'. */
  period: string;
  runId: string;
  seq: number;
  outcome: Outcome;
  /** 'YYYY-MM-DD'. Not rendered: it moves by itself, and a moved date alone is no news. */
  asOf: string;
  /** Why the run was not evaluated or errored, in words; null otherwise. */
  reason: string | null;
  /** Open exceptions by currency; impact in major units. Never added across currencies. */
  totals: { currency: string; exceptions: number; impact: string }[];
  /** Counts of exceptions: open after this run; opened, re-opened and cleared by it. */
  open: number;
  fresh: number;
  reopened: number;
  cleared: number;
  /** The largest open exceptions, largest first, at most 5. */
  top: {
    code: string;
    explanation: string;
    impact: string | null;
    currency: string | null;
    severity: Severity;
  }[];
  /** Public URL, the same for every run of this control, entity and period; null when none. */
  link: string | null;
}

/** Text of a block. `verbatim` keeps Slack from making links and mentions out of plain words. */
export interface SlackText {
  type: 'mrkdwn';
  text: string;
  verbatim: true;
}

export type SlackBlock =
  { type: 'section'; text: SlackText } | { type: 'context'; elements: SlackText[] };

export interface RenderedAlert {
  /** For notifications and readers without blocks. */
  text: string;
  blocks: SlackBlock[];
}

/**
 * What Slack takes (RELIABILITY §4): 50 blocks, 3,000 characters a section, near 13,200 in all.
 * The limits of the parts below keep every message under these, whatever the data holds.
 */
export const ALERT_LIMITS = { blocks: 45, characters: 12_000, section: 3_000 } as const;

const MAX_TEXT = 3_000;
const MAX_CAUSE = 1_000;
const MAX_EXPLANATION = 400;
const MAX_NAME = 150;
const MAX_CODE = 60;
const MAX_ITEMS = 5;
const MAX_CURRENCIES = 12;
const MAX_LINK = 1_000;

const SIGNS: Record<Outcome, string> = {
  passed: ':white_check_mark:',
  exceptions: ':red_circle:',
  not_evaluated: ':warning:',
  errored: ':warning:',
};

/** The message for a run, with the cause in its first line. Everything from data is escaped. */
export function renderAlert(alert: RunAlert): RenderedAlert {
  const cause = causeOf(alert);
  const where = identityOf(alert);
  const facts = [outcomeOf(alert), ...totalsOf(alert)];
  const items = itemsOf(alert);
  const owner = `Owner: ${escaped(alert.control.owner, MAX_NAME)}`;
  const link = linkOf(alert.link);
  const sections = [`${SIGNS[alert.outcome]} ${bold(cause)}\n${where}`, facts.join('\n')];
  if (items.length > 0) sections.push(items.join('\n'));
  return {
    text: clipped([cause, where, ...facts, ...items, owner].join('\n'), MAX_TEXT),
    blocks: [
      ...sections.map((text): SlackBlock => ({ type: 'section', text: mrkdwn(text) })),
      { type: 'context', elements: [mrkdwn(link === null ? owner : `${owner} · ${link}`)] },
    ],
  };
}

/**
 * The short line for the thread of the live message, or null when nothing turned: an edit notifies
 * nobody, so what people must notice is also said once below it.
 */
export function renderTransition(alert: RunAlert, previous: Outcome): string | null {
  const sign = SIGNS[alert.outcome];
  if (alert.outcome !== 'exceptions')
    return alert.outcome === previous ? null : `${sign} ${causeOf(alert)}`;
  const news = newsOf(alert);
  if (news.length === 0) return null;
  const opened = `${news.join(', ')}; ${counted(alert.open, 'exception')} open now.`;
  return `${sign} ${opened} Largest: ${causeOf(alert)}`;
}

/**
 * Identity of the state a message shows. What one run changed (new, re-opened, cleared) and the
 * link are left out: a second run over the same data shows the same state.
 */
export function alertStateSha256(alert: RunAlert): string {
  const { text, blocks } = renderAlert({
    ...alert,
    fresh: 0,
    reopened: 0,
    cleared: 0,
    link: null,
  });
  return sha256Hex(canonicalJson({ text, blocks: blocks as unknown as Json[] }));
}

function causeOf(alert: RunAlert): string {
  switch (alert.outcome) {
    case 'exceptions':
      return escaped(
        alert.top[0]?.explanation ?? `${counted(alert.open, 'exception')} open.`,
        MAX_CAUSE,
      );
    case 'not_evaluated':
      return `Not evaluated: ${escaped(alert.reason ?? 'no reason was recorded.', MAX_CAUSE)}`;
    case 'errored':
      return `Run failed: ${escaped(alert.reason ?? 'no reason was recorded.', MAX_CAUSE)}`;
    case 'passed':
      return `All clear: ${escaped(alert.control.title.replace(/\.$/, ''), MAX_CAUSE)}.`;
  }
}

function identityOf(alert: RunAlert): string {
  const { id, title } = alert.control;
  const control = `${escaped(id, MAX_CODE)} ${escaped(title, MAX_NAME)}`;
  return [control, escaped(alert.entity.name, MAX_NAME), escaped(alert.period, MAX_CODE)].join(
    ' · ',
  );
}

function outcomeOf(alert: RunAlert): string {
  const changes = newsOf(alert);
  if (alert.cleared > 0) changes.push(`${grouped(alert.cleared)} cleared`);
  const changed = changes.length > 0 ? ` (${changes.join(', ')})` : '';
  const open = alert.open === 0 ? 'no open exceptions' : `${counted(alert.open, 'exception')} open`;
  switch (alert.outcome) {
    case 'exceptions':
      return `Exceptions: ${open}${changed}`;
    case 'passed':
      return `Passed: ${open}${changed}`;
    case 'not_evaluated':
    case 'errored':
      return alert.open === 0
        ? 'No verdict on this period.'
        : `No verdict on this period; ${open} from earlier runs.`;
  }
}

function newsOf(alert: RunAlert): string[] {
  return [
    ...(alert.fresh > 0 ? [`${grouped(alert.fresh)} new`] : []),
    ...(alert.reopened > 0 ? [`${grouped(alert.reopened)} re-opened`] : []),
  ];
}

function totalsOf(alert: RunAlert): string[] {
  const lines = alert.totals
    .slice(0, MAX_CURRENCIES)
    .map(
      (total) =>
        `• ${money(total.impact, total.currency)} in ${counted(total.exceptions, 'exception')}`,
    );
  const more = alert.totals.length - lines.length;
  return more > 0 ? [...lines, `+${counted(more, 'more currency', 'more currencies')}`] : lines;
}

function itemsOf(alert: RunAlert): string[] {
  const lines = alert.top.slice(0, MAX_ITEMS).map((item, index) => {
    const parts = [`${index + 1}. ${escaped(item.code, MAX_CODE)}`, item.severity];
    if (item.impact !== null && item.currency !== null)
      parts.push(money(item.impact, item.currency));
    // A lone exception's explanation is the first line of the message already.
    const known = alert.outcome === 'exceptions' && alert.open === 1;
    return known
      ? parts.join(' · ')
      : `${parts.join(' · ')}: ${escaped(item.explanation, MAX_EXPLANATION)}`;
  });
  const more = alert.open - lines.length;
  return lines.length > 0 && more > 0 ? [...lines, `+${grouped(more)} more`] : lines;
}

/** A link whose target cannot end early or carry a label of its own; none when it is too long. */
function linkOf(url: string | null): string | null {
  if (url === null) return null;
  const target = url.replace(/[<>|\s]/g, encodeURIComponent).replace(/&/g, '&amp;');
  return target.length > MAX_LINK ? null : `<${target}|Open in Tieout>`;
}

const money = (amount: string, currency: string): string =>
  escaped(`${formatAmount(amount, currency)} ${currency}`, MAX_CODE);

const grouped = (count: number): string => count.toLocaleString('en-US');

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

const mrkdwn = (text: string): SlackText => ({ type: 'mrkdwn', text, verbatim: true });

// An asterisk inside would end the bold part early.
const bold = (text: string): string => (text.includes('*') ? text : `*${text}*`);

/** Control characters, line ends and marks that turn the direction of text: become one space. */
const NOT_IN_A_LINE = /[\s\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/gu;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * One line of text from data, with the three characters that Slack gives a meaning escaped
 * (docs.slack.dev: formatting message text), so that it can hold no link and no mention. At most
 * `limit` characters as sent; a cut never falls inside an entity or a character.
 */
function escaped(text: string, limit: number): string {
  const line = text.replace(NOT_IN_A_LINE, ' ').trim();
  let result = '';
  for (const character of line) {
    const next = ENTITIES[character] ?? character;
    if (result.length + next.length > limit - 1) return `${result}…`;
    result += next;
  }
  return result;
}

/** Cuts text that is escaped already, at the end of a line. */
function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.lastIndexOf('\n', limit - 2);
  return `${text.slice(0, end)}\n…`;
}
