/** Reads the query of a request. It is strict, because each distinct query costs a cache entry and a request to the API. */

import { DATE_TIME } from "../date-time.js";
import { FIELD_OF_EXPAND } from "../expand.js";

const EXPAND = Object.keys(FIELD_OF_EXPAND);
// An aid and all six breakdowns need less than half of it.
const MAX_LENGTH = 512;
const CONTROL = /\p{Cc}/u;
const UTC_LENGTH = "2026-10-01T00:00:00Z".length;

/**
 * @typedef {object} Query
 * @property {string} [resource] what it requests, if not the usage: a path of the API after `/v7/`
 * @property {string} [aid]
 * @property {string[]} expand sorted, without duplicates
 * @property {string} [startDate] in UTC, in seconds
 * @property {string} [endDate]
 * @property {string} [cursor] the page, if not the first
 *
 * @param {URL} url
 * @param {string[]} known the parameters that the path accepts
 * @returns {{ query?: Query, errors?: import("thousandeyes-usage").ProblemError[] }}
 */
export function readQuery(url, known) {
  const errors = [];
  const reject = (code, field, message) => errors.push({ code, field, message });
  const { searchParams } = url;
  if (url.search.length > MAX_LENGTH) {
    reject("TOO_LONG", "query", `The query is longer than ${MAX_LENGTH} characters.`);
    return { errors };
  }
  for (const name of new Set(searchParams.keys())) {
    const rule = known.length > 0 ? `The parameters are: ${known.join(", ")}.` : "There are no parameters.";
    if (!known.includes(name)) reject("UNKNOWN_PARAMETER", name, rule);
  }
  const [aid, startDate, endDate, cursor] = ["aid", "startDate", "endDate", "cursor"].map((name) => {
    const [value, ...others] = searchParams.getAll(name);
    if (others.length > 0) reject(ERROR_CODES[name], name, "The parameter is repeated.");
    else if (value !== undefined && !isValid(name, value)) reject(ERROR_CODES[name], name, RULES[name]);
    else return value;
  });
  const expand = searchParams.getAll("expand").flatMap((values) => values.split(","));
  if (!expand.every((value) => EXPAND.includes(value))) {
    reject("INVALID_EXPAND", "expand", `The values are: ${EXPAND.join(", ")}.`);
  }
  const query = { aid, expand: [...new Set(expand)].sort(), startDate: toUtc(startDate), endDate: toUtc(endDate), cursor };
  if (query.endDate < query.startDate) reject("INVALID_PERIOD", "endDate", "It is before startDate.");
  return errors.length > 0 ? { errors } : { query };
}

const ERROR_CODES = { aid: "INVALID_AID", startDate: "INVALID_DATE", endDate: "INVALID_DATE", cursor: "INVALID_CURSOR" };
const DATE_RULE = "It must be a date-time with a zone, such as 2026-10-01T00:00:00Z.";
const RULES = {
  aid: "It must be the ID of an account group.",
  startDate: DATE_RULE,
  endDate: DATE_RULE,
  cursor: "It must be that of a next link.",
};

function isValid(name, value) {
  if (name === "aid" || name === "cursor") return value !== "" && !CONTROL.test(value);
  const [, day] = DATE_TIME.exec(value) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(value))) return false;
  // `Date` takes 30 February as 2 March. In UTC, a year may get a fifth digit.
  return toUtc(`${day}T00:00:00Z`).startsWith(day) && toUtc(value).length === UTC_LENGTH;
}

/** Each spelling of a time is the same key. */
const toUtc = (text) => text && new Date(text).toISOString().replace(/\.\d+Z$/, "Z");
