/** Browsers by what their names hold; each claims to be those after it as well. */
const browsers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(Headless)?Chrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** 'Firefox on Windows' from what a browser calls itself; that itself where it says neither. */
export function deviceWord(device: string | null): string {
  if (device === null || device === '') return 'Unknown';
  const named = (list: typeof browsers): string | undefined =>
    list.find(([mark]) => mark.test(device))?.[1];
  const browser = named(browsers);
  const system = named(systems);
  if (browser === undefined) return system ?? device;
  return system === undefined ? browser : `${browser} on ${system}`;
}
