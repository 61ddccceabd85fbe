/** Owns dates as HTTP writes them (RFC 9110, 5.6.7): one form to write, three to read. Never looks at a clock. */

const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longDay = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const month = '(?<month>[A-Z][a-z]{2})';
const clock = '(?<clock>\\d\\d:\\d\\d:\\d\\d)';

const forms: readonly RegExp[] = [
  new RegExp(`^${day}, (?<date>\\d\\d) ${month} (?<year>\\d{4}) ${clock} GMT$`),
  // Of RFC 850 and of asctime: nobody may write them any more, and everybody has to read them.
  new RegExp(`^${longDay}, (?<date>\\d\\d)-${month}-(?<year>\\d\\d) ${clock} GMT$`),
  new RegExp(`^${day} ${month} (?<date>[ \\d]\\d) ${clock} (?<year>\\d{4})$`),
];

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A moment in milliseconds since 1970; what is below a second is cut off. */
export function httpDate(moment: number): string {
  return new Date(moment).toUTCString();
}

/** Milliseconds since 1970; undefined for what is no date. `now` says which century two digits of a year mean. */
export function readHttpDate(text: string, now: number): number | undefined {
  for (const form of forms) {
    const {date = '', month = '', year = '', clock = ''} = form.exec(text)?.groups ?? {};
    const number = months.indexOf(month);
    if (number < 0) continue;
    const full = year.length === 2 ? fullYear(Number(year), new Date(now).getUTCFullYear()) : Number(year);
    return momentOf([full, number, Number(date)], clock);
  }
  return undefined;
}

/** Undefined for a day that no month has, or an hour that no day has. */
function momentOf([year, month, date]: readonly [number, number, number], clock: string): number | undefined {
  const text = `${String(year).padStart(4, '0')}-${two(month + 1)}-${two(date)}T${clock}.000Z`;
  const moment = Date.parse(text);
  // Date.parse takes the 24th hour, and some days that are none, for the day after.
  return Number.isNaN(moment) || new Date(moment).toISOString() !== text ? undefined : moment;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** A year that seems to be more than 50 years ahead is the last one that ended so. */
function fullYear(digits: number, thisYear: number): number {
  const year = thisYear - (thisYear % 100) + digits;
  return year > thisYear + 50 ? year - 100 : year;
}
