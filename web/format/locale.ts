/** The reader's own language and region; of the browser, not of the page. */
export function readerLocale(): string {
  return typeof navigator === 'undefined' ? 'en' : (navigator.languages[0] ?? 'en');
}
