/** Named releases and the day each began; minor releases of a name only add. */
const releases: Record<string, string> = {
  acacia: '2024-09-30',
  basil: '2025-03-31',
  clover: '2025-09-30',
  dahlia: '2026-03-25',
  endive: '2026-09-30',
};
const oldest = '2020-08-27';

/**
 * True for API versions whose shapes the mappings know: since 2020-08-27, when discounts became
 * lists, to the release that the SDK pins. Preview versions may change any day and are not known.
 */
export function isKnownStripeVersion(version: string | null): boolean {
  const [, date = '', name] = /^(\d{4}-\d{2}-\d{2})(?:\.([a-z]+))?$/.exec(version ?? '') ?? [];
  if (date === '') return false;
  if (name === undefined) return date >= oldest && date < '2024-09-30';
  const began = releases[name];
  return began !== undefined && date >= began;
}
