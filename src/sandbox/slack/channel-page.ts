import { createHash } from 'node:crypto';
import type { StandInChannel, StandInMessage } from './slack-web-api';

const STYLE = `
  body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem;
    padding: 0 1rem; color: #1d1c1d; background: #fff; }
  h1 { font-size: 1.2rem; border-bottom: 1px solid #ddd; padding-bottom: .5rem; }
  article { padding: .6rem .8rem; margin: .8rem 0; border-left: 4px solid #ddd; }
  article article { margin-left: 1.5rem; }
  p { margin: .35rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
  .context, .meta { color: #5c5a5d; font-size: .85rem; }
  .mention { background: #ffe9b3; }
`;

const STYLE_SHA256 = createHash('sha256').update(STYLE).digest('base64');

/** Nothing but this style sheet may run or load. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${STYLE_SHA256}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const REFRESH_S = 3;

const EMOJI: Record<string, string> = {
  ':red_circle:': '🔴',
  ':warning:': '⚠️',
  ':white_check_mark:': '✅',
};

/** All channels with their messages, newest last, as a person would see them in Slack. */
export function channelPage(
  channels: readonly StandInChannel[],
  messagesOf: (channel: string) => readonly StandInMessage[],
): string {
  const sections = channels.map(({ id, name }) => {
    const messages = messagesOf(id);
    const parents = messages.filter(({ threadTs }) => threadTs === null);
    const articles = parents.map((parent) => messageHtml(parent, messages)).join('\n');
    return `<h1># ${html(name)}</h1>\n${articles || '<p class="meta">No messages yet.</p>'}`;
  });
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="refresh" content="${REFRESH_S}"><title>Slack stand-in</title>`,
    `<style>${STYLE}</style></head><body>`,
    ...sections,
    '</body></html>\n',
  ].join('\n');
}

function messageHtml(message: StandInMessage, all: readonly StandInMessage[]): string {
  const replies = all.filter(({ threadTs }) => threadTs === message.ts);
  const time = new Date(Number(message.ts.split('.')[0]) * 1000).toISOString().slice(0, 19);
  const edited = message.edits > 0 ? ' (edited)' : '';
  return [
    `<article><p class="meta"><b>Tieout</b> ${time.replace('T', ' ')} UTC${edited}</p>`,
    ...bodyHtml(message),
    ...replies.map((reply) => messageHtml(reply, all)),
    '</article>',
  ].join('\n');
}

function bodyHtml(message: StandInMessage): string[] {
  if (message.blocks.length === 0) return [`<p>${mrkdwnHtml(message.text)}</p>`];
  return message.blocks.flatMap((block) => {
    switch (block.type) {
      case 'header':
        return [`<p><b>${html(block.text.text)}</b></p>`];
      case 'section':
        return [block.text, ...(block.fields ?? [])]
          .filter((part) => part !== undefined)
          .map((part) => `<p>${textHtml(part)}</p>`);
      case 'context': {
        const parts = block.elements.map((part) => ('text' in part ? textHtml(part) : ''));
        return [`<p class="context">${parts.join(' ')}</p>`];
      }
      case 'divider':
        return ['<hr>'];
      case 'actions': {
        const labels = block.elements.map((part) =>
          part.type === 'button' ? `[ ${html(part.text.text)} ]` : `[ ${html(part.type)} ]`,
        );
        return [`<p class="context">${labels.join(' ')}</p>`];
      }
    }
  });
}

const textHtml = ({ type, text }: { type: string; text: string }): string =>
  type === 'mrkdwn' ? mrkdwnHtml(text) : html(text);

/** The part of mrkdwn that alerts use: bold, code, and what stands between < and >. */
function mrkdwnHtml(text: string): string {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part) =>
      part.startsWith('<') && part.endsWith('>') ? specialHtml(part.slice(1, -1)) : plainHtml(part),
    )
    .join('');
}

/** A link, or a mention such as <!channel>, which a reader should notice. */
function specialHtml(inner: string): string {
  const [target = '', label = target] = inner.split('|');
  if (!/^https?:\/\//.test(target)) return `<span class="mention">@${html(decoded(label))}</span>`;
  return `<a href="${html(decoded(target))}" rel="noreferrer">${html(decoded(label))}</a>`;
}

const plainHtml = (text: string): string =>
  html(decoded(text))
    .replace(/:[a-z_]+:/g, (name) => EMOJI[name] ?? name)
    .replace(/\*([^*\n]+)\*/g, '<b>$1</b>')
    .replace(/`([^`\n]+)`/g, '<code>$1</code>');

/** Slack's three entities back into the characters they stand for. */
const decoded = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
