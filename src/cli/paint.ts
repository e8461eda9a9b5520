/** Colours by what they mean; without colours every function gives its text back. */
export interface Paint {
  strong: (text: string) => string;
  faint: (text: string) => string;
  good: (text: string) => string;
  warn: (text: string) => string;
  bad: (text: string) => string;
}

const plain = (text: string): string => text;
const escape = String.fromCharCode(27);
const coded =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `${escape}[${on}m${text}${escape}[${off}m`;

export const plainPaint: Paint = {
  strong: plain,
  faint: plain,
  good: plain,
  warn: plain,
  bad: plain,
};

/** The eight colours every terminal has, so that its own theme decides how they look. */
export const colourPaint: Paint = {
  strong: coded(1, 22),
  faint: coded(2, 22),
  good: coded(32, 39),
  warn: coded(33, 39),
  bad: coded(31, 39),
};
