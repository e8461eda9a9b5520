/** What an address says after '?': plain texts, so that people can read, keep and send it. */
export type AddressTexts = Record<string, string | undefined>;

export const readAddress = (text: string): AddressTexts =>
  Object.fromEntries([...new URLSearchParams(text)].filter(([, value]) => value !== ''));

/** '' or '?state=open&severity=high,critical', names in alphabetical order. */
export function writeAddress(texts: Record<string, unknown>): string {
  const given = Object.entries(texts)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = new URLSearchParams(given).toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** Keeps the named texts of an address, and nothing else. */
export const textsOf =
  <Name extends string>(...names: readonly Name[]) =>
  (search: Record<string, unknown>): { [name in Name]?: string } => {
    const kept: { [name in Name]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') kept[name] = value;
    }
    return kept;
  };

/** 'open,acknowledged' as a list of those that are known; empty when none is. */
export function listIn<Known extends string>(
  text: string | undefined,
  known: readonly Known[],
): Known[] {
  const wanted = new Set((text ?? '').split(','));
  return known.filter((one) => wanted.has(one));
}
