/** A number of a payload that a double would bend; its text is what the source wrote. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

/** JSON as parsed here: numbers are doubles only where the double has the digits of the text. */
export type Payload =
  string | number | ExactNumber | boolean | null | Payload[] | { [field: string]: Payload };

/** A double keeps 15 significant digits of any decimal; longer runs of digits are looked at. */
const longNumber = /[\d.]{16}|\d[eE][+-]?\d/;
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const mark = '\u0001exact:';

/**
 * Parses JSON so that no number loses digits. Throws SyntaxError where JSON.parse does. A text that
 * begins with the mark used here comes back as a number, which no reader of texts accepts.
 */
export function parseExactJson(text: string): Payload {
  const plain = JSON.parse(text) as Payload;
  if (!longNumber.test(text)) return plain;
  const marked = text.replace(stringOrNumber, (token) =>
    token.startsWith('"') || !longNumber.test(token) ? token : JSON.stringify(mark + token),
  );
  return JSON.parse(marked, (_field, value: Payload) =>
    typeof value === 'string' && value.startsWith(mark)
      ? new ExactNumber(value.slice(mark.length))
      : value,
  ) as Payload;
}

/**
 * The digits of a number as decimal text without an exponent; null for what is no finite number.
 */
export function exactNumberText(value: Payload | undefined): string | null {
  const text =
    value instanceof ExactNumber ? value.text : typeof value === 'number' ? `${value}` : '';
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (!/[eE]/.test(text)) return text;
  return sign + shifted(whole + fraction, fraction.length - Number(exponent));
}

/** The decimal text of `digits` with `places` of them after the point. */
export function shifted(digits: string, places: number): string {
  if (places <= 0) return stripped(digits + '0'.repeat(-places));
  const padded = digits.padStart(places + 1, '0');
  return `${stripped(padded.slice(0, -places))}.${padded.slice(-places)}`;
}

const stripped = (digits: string): string => digits.replace(/^0+(?=\d)/, '');
