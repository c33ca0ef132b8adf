/** Formats numbers, shares and times. */

/** Shown for an absent value. 0 would be a value. */
export const ABSENT = "—";

const LOCALE = "en-GB";
/** Smaller numbers are shown in full. */
const COMPACT_FROM = 100_000;

const fullFormat = new Intl.NumberFormat(LOCALE);
// Not "en-GB": its "bn" and "m" look like units.
const compactFormat = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const percentFormat = new Intl.NumberFormat(LOCALE, { style: "percent" });
const shareFormat = new Intl.NumberFormat(LOCALE, { style: "percent", maximumSignificantDigits: 2 });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long", timeZone: "UTC" });
const periodFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeZone: "UTC" });
const monthFormat = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", timeZone: "UTC" });
// Not "en-GB": its "Sept" is longer than the others.
const shortMonthFormat = new Intl.DateTimeFormat("en", { month: "short", year: "numeric", timeZone: "UTC" });
const clockFormat = new Intl.DateTimeFormat(LOCALE, { timeStyle: "short" });
const clockWithSecondsFormat = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });
const dateAndClockFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });

/** @param {number | undefined} value */
export const number = (value) => (value === undefined ? ABSENT : fullFormat.format(value));

/** "4.32 B" @param {number | undefined} value */
export function compact(value) {
  if (value === undefined || Math.abs(value) < COMPACT_FROM) return number(value);
  const parts = compactFormat.formatToParts(value);
  return parts.map(({ type, value: text }) => (type === "compact" ? `\u00a0${text}` : text)).join("");
}

/** @param {number | undefined} ratio */
export function percent(ratio) {
  if (ratio === undefined) return ABSENT;
  return ratio > 0 && ratio < 0.005 ? `less than ${percentFormat.format(0.01)}` : percentFormat.format(ratio);
}

/** With more digits for small shares: "1.1%" @param {number | undefined} ratio */
export const share = (ratio) => (ratio === undefined ? ABSENT : shareFormat.format(ratio));

/** @param {number} count @param {string} one @param {string} [many] */
export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** "24 November", in the time zone of the billing period. @param {string} iso */
export const day = (iso) => dayFormat.format(new Date(iso));

/** "October 2026" @param {string} iso */
export const month = (iso) => monthFormat.format(new Date(iso));

/** "Oct 2026" @param {string} iso */
export const shortMonth = (iso) => shortMonthFormat.format(new Date(iso));

/** "13:05:09" @param {Date} date */
export const clockWithSeconds = (date) => clockWithSecondsFormat.format(date);

/** "13:05", with the date if it is not today. @param {Date} date @param {Date} [now] */
export const clock = (date, now = new Date()) =>
  (date.toDateString() === now.toDateString() ? clockFormat : dateAndClockFormat).format(date);

/** "12 minutes old" @param {number} seconds */
export function age(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "just now";
  return minutes < 120 ? `${plural(minutes, "minute")} old` : `${plural(Math.round(minutes / 60), "hour")} old`;
}

/** The days from `start` to `end` (ISO 8601). If they are no valid period, the texts as they are. */
export function period(start, end) {
  if (start === undefined && end === undefined) return ABSENT;
  const [from, to] = [new Date(start), new Date(end)];
  if (Number.isNaN(+from) || Number.isNaN(+to) || from > to) return `${start ?? ABSENT} to ${end ?? ABSENT}`;
  return periodFormat.formatRange(from, to);
}
