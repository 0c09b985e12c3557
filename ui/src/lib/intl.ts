// What writes numbers and times, made once for each way of writing: a web view reads a good deal for every new one, and
// a table writes several in every row.

/** A way of writing is one of a few that the code names, so that few are kept. */
function kept<Options, Writer>(
  make: (locale: string | undefined, options: Options) => Writer,
): (locale: string | undefined, options: Options) => Writer {
  const made = new Map<string, Writer>();
  return (locale, options) => {
    const key = JSON.stringify([locale, options]);
    const known = made.get(key);
    if (known !== undefined) {
      return known;
    }
    const writer = make(locale, options);
    made.set(key, writer);
    return writer;
  };
}

export const numberFormat = kept(
  (locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options),
);

export const ageFormat = kept(
  (locale, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(locale, options),
);

/** With the offset to which it holds: whoever travels sees the time of where they are. */
const timeFormatAt = kept(
  (locale, { options }: { options: Intl.DateTimeFormatOptions; offset: number }) =>
    new Intl.DateTimeFormat(locale, options),
);

export function timeFormat(locale: string | undefined, options: Intl.DateTimeFormatOptions) {
  return timeFormatAt(locale, { options, offset: new Date().getTimezoneOffset() });
}
