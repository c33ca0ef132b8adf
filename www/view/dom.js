/** What stands for a value that the answer does not have: never 0, which would be a value. */
export const ABSENT = "—";

const LOCALE = "en-GB";
const numberFormat = new Intl.NumberFormat(LOCALE);
const percentFormat = new Intl.NumberFormat(LOCALE, { style: "percent" });
const timeFormat = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeZone: "UTC" });

/**
 * An element with its properties (or attributes, where there is no such property) and children. Strings become text
 * nodes, so data is never read as markup.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node | string)} children
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/** Pairs of term and value as a `<dl>`; a value that is undefined or empty leaves its pair out. */
export function facts(props, pairs) {
  const known = pairs.filter(([, value]) => value);
  return el("dl", props, ...known.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))));
}

/** @param {number | undefined} value */
export const number = (value) => (value === undefined ? ABSENT : numberFormat.format(value));

/** @param {number} ratio */
export const percent = (ratio) => (ratio > 0 && ratio < 0.005 ? `less than ${percentFormat.format(0.01)}` : percentFormat.format(ratio));

/** @param {Date} date */
export const time = (date) => timeFormat.format(date);

/** @param {number} count @param {string} one @param {string} [many] */
export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** The days from `start` to `end` (ISO 8601, as the API sends them), or what is known of them. */
export function period(start, end) {
  if (start === undefined && end === undefined) return ABSENT;
  const [from, to] = [new Date(start), new Date(end)];
  if (Number.isNaN(+from) || Number.isNaN(+to) || from > to) return `${start ?? ABSENT} to ${end ?? ABSENT}`;
  return `${dayFormat.formatRange(from, to)} (UTC)`;
}
