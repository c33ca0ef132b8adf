/** The months of the history: their periods, and the units of the account groups in each. */

import { accountOf, plus } from "./breakdowns.js";
import { ABSENT, plural, shortMonth } from "./format.js";

/** The numbers of months that the visitor can choose. */
export const RANGES = [3, 6, 12];
/** The account groups that have a colour. */
export const COLOURS = 6;

/**
 * @typedef {{ startDate: string, endDate?: string }} Month a calendar month in UTC. The month of today has no end, so each request
 *   for it has the same URL.
 *
 * @typedef {object} Part the units of an account group in each month, or of the smaller ones together
 * @property {string} label
 * @property {string} [key] the identity of the account group
 * @property {import("thousandeyes-usage").AccountGroupUsage} [group] its units in the last month that has it
 * @property {boolean} [isOthers] whether it is the smaller account groups
 * @property {(number | undefined)[]} values
 * @property {number} total
 */

/** The month of `now` and those before it, oldest first. @param {Date} now @param {number} count @returns {Month[]} */
export function monthsUntil(now, count) {
  const startOf = (ago) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago);
  const iso = (ms) => new Date(ms).toISOString().replace(".000", "");
  const past = Array.from({ length: count - 1 }, (_, i) => count - 1 - i);
  return [
    ...past.map((ago) => ({ startDate: iso(startOf(ago)), endDate: iso(startOf(ago - 1) - 1000) })),
    { startDate: iso(startOf(0)) },
  ];
}

/** "2026-10", as in the URL. @param {Month} month */
export const idOf = ({ startDate }) => startDate.slice(0, 7);

/** "Oct 2026", or "Nov so far" for the month that is not over. @param {Month} month */
export function shortName({ startDate, endDate }) {
  const name = shortMonth(startDate);
  return endDate === undefined ? `${name.split(" ")[0]} so far` : name;
}

/**
 * The lines below a bar: the month, its year if the label before has another one, and why there is no bar. Only each `step`-th month
 * has a label, and the last one always, because it is not over.
 *
 * @param {readonly (Month & { missing?: string })[]} months @param {number} i @param {number} step
 */
export function labelOf(months, i, step) {
  if ((months.length - 1 - i) % step !== 0) return "";
  const { startDate, endDate, missing } = months[i];
  const [name, year] = shortMonth(startDate).split(" ");
  const isNewYear = !months[i - step]?.startDate.startsWith(year);
  return [name, ...(isNewYear ? [year] : []), ...(missing?.split(" ") ?? (endDate === undefined ? ["so far"] : []))];
}

/**
 * The parts of the bars, largest first. The smaller account groups are added up.
 *
 * @param {readonly (readonly import("thousandeyes-usage").AccountGroupUsage[] | undefined)[]} months the account groups of each
 *   month, oldest first; undefined if the month is not loaded
 * @param {number} count the number of account groups that stay separate
 * @returns {Part[]}
 */
export function partsOf(months, count = COLOURS) {
  const parts = new Map();
  for (const [i, groups] of months.entries()) {
    for (const group of groups ?? []) {
      const key = accountOf(group);
      const part = parts.get(key) ?? { key, values: months.map(() => undefined), total: 0 };
      parts.set(key, part);
      part.group = group;
      part.label = group.accountGroupName ?? group.aid ?? ABSENT;
      part.values[i] = plus(part.values[i], group.cloudUnitsUsed);
      part.total += group.cloudUnitsUsed ?? 0;
    }
  }
  const sorted = [...parts.values()].filter(({ total }) => total > 0).sort((a, b) => b.total - a.total);
  const others = sorted.slice(count);
  if (others.length === 0) return sorted;
  return [...sorted.slice(0, count), { ...totalOf(others, plural(others.length, "other")), isOthers: true }];
}

/** The columns and rows of all account groups, for CSV. @param {readonly import("./history.js").Entry[]} entries the loaded months */
export function recordsOf(entries) {
  const columns = entries.map(({ month }) => (month.endDate === undefined ? `${idOf(month)} so far` : idOf(month)));
  const rows = partsOf(entries.map(({ accountGroups }) => accountGroups), Infinity).map(({ group, values }) => ({
    accountGroupName: group.accountGroupName,
    aid: group.aid,
    ...Object.fromEntries(columns.map((column, i) => [column, values[i]])),
  }));
  return { fields: ["accountGroupName", "aid", ...columns], rows };
}

/** Several parts as one. @param {readonly Part[]} parts at least one @param {string} label @returns {Part} */
export const totalOf = (parts, label) => parts.reduce((sum, { values, total }) => ({
  label,
  values: values.map((value, i) => plus(sum.values[i], value)),
  total: sum.total + total,
}), { label, values: [], total: 0 });

/**
 * The number of each account group's colour. A group keeps its colour when others come or go.
 * @param {readonly Part[]} parts @param {ReadonlyMap<string | undefined, number>} before
 */
export function coloursOf(parts, before) {
  const keys = parts.filter(({ isOthers }) => !isOthers).map(({ key }) => key);
  const kept = keys.map((key) => before.get(key));
  const free = Array.from({ length: COLOURS }, (_, i) => i).filter((colour) => !kept.includes(colour));
  return new Map(keys.map((key, i) => [key, kept[i] ?? free.shift()]));
}
