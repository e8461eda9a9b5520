/** The secret of a sign-in link: from the whole address, from its part after #, or by itself. */
export function linkIn(text: string): string | null {
  const after = /#link=([\w.~-]+)/.exec(text)?.[1];
  if (after !== undefined) return after;
  return /^[\w.~-]{20,200}$/.test(text.trim()) ? text.trim() : null;
}
