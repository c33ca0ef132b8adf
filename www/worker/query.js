/** The query of a request, as strict as a cache and an organisation's rate limit ask for: nothing odd goes any further. */

import { FIELD_OF_EXPAND } from "../expand.js";

const EXPAND = Object.keys(FIELD_OF_EXPAND);
// All six breakdowns and an aid take less than half of it.
const MAX_LENGTH = 512;
const CONTROL = /\p{Cc}/u;

/**
 * @typedef {{ aid?: string, expand: string[] }} Query `expand` is sorted, without duplicates
 * @param {URL} url
 * @param {string[]} known the parameters that the path has
 * @returns {{ query?: Query, errors?: import("thousandeyes-usage").ProblemError[] }}
 */
export function readQuery(url, known) {
  const errors = [];
  const refuse = (code, field, message) => errors.push({ code, field, message });
  const { searchParams } = url;
  if (url.search.length > MAX_LENGTH) {
    refuse("TOO_LONG", "query", `The query is longer than ${MAX_LENGTH} characters.`);
    return { errors };
  }
  for (const name of new Set(searchParams.keys())) {
    if (!known.includes(name)) refuse("UNKNOWN_PARAMETER", name, `The parameters are: ${known.join(", ")}.`);
  }
  const [aid, ...more] = searchParams.getAll("aid");
  if (more.length > 0) refuse("INVALID_AID", "aid", "There is more than one.");
  else if (aid === "" || CONTROL.test(aid ?? "")) refuse("INVALID_AID", "aid", "It has to be the ID of an account group.");
  const expand = searchParams.getAll("expand").flatMap((values) => values.split(","));
  if (!expand.every((value) => EXPAND.includes(value))) {
    refuse("INVALID_EXPAND", "expand", `The values are: ${EXPAND.join(", ")}.`);
  }
  return errors.length > 0 ? { errors } : { query: { aid, expand: [...new Set(expand)].sort() } };
}
