/** Reads the query of a request. It is strict, because each distinct query costs a cache entry and a request to the API. */

import { FIELD_OF_EXPAND } from "../expand.js";

const EXPAND = Object.keys(FIELD_OF_EXPAND);
// An aid and all six breakdowns need less than half of it.
const MAX_LENGTH = 512;
const CONTROL = /\p{Cc}/u;

/**
 * @typedef {{ aid?: string, expand: string[] }} Query `expand` is sorted, without duplicates
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
    if (!known.includes(name)) reject("UNKNOWN_PARAMETER", name, `The parameters are: ${known.join(", ")}.`);
  }
  const [aid, ...others] = searchParams.getAll("aid");
  if (others.length > 0) reject("INVALID_AID", "aid", "The parameter is repeated.");
  else if (aid === "" || CONTROL.test(aid ?? "")) reject("INVALID_AID", "aid", "It must be the ID of an account group.");
  const expand = searchParams.getAll("expand").flatMap((values) => values.split(","));
  if (!expand.every((value) => EXPAND.includes(value))) {
    reject("INVALID_EXPAND", "expand", `The values are: ${EXPAND.join(", ")}.`);
  }
  return errors.length > 0 ? { errors } : { query: { aid, expand: [...new Set(expand)].sort() } };
}
