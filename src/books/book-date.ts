const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatting needs a microsecond; making a format, fifty times as long. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}

/**
 * The accounting date of an instant: the day, 'YYYY-MM-DD', that it falls on in the book time zone
 * of an entity (CONTROLS rule 8). Computed once, while mapping. The instant is ISO 8601 with an
 * offset.
 */
export function bookDate(instant: string, bookZone: string): string {
  return formatOf(bookZone).format(new Date(instant));
}
