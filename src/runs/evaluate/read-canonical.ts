/**
 * The value of JSON that DuckDB wrote with its names in order; its text is then known as canonical.
 * DuckDB escapes as RFC 8785 asks, but for the letters in the codes of control characters.
 */
export function readCanonical<T extends object>(json: string, texts: Map<object, string>): T {
  const value = JSON.parse(json) as T;
  if (!json.includes('\\u')) texts.set(value, json);
  return value;
}
