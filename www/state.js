/**
 * What the page shows, as far as it is in the URL: nothing secret may ever be added here. What is not valid is ignored,
 * and what is the default is left out.
 */

/** @type {readonly import("thousandeyes-usage").Expand[]} */
export const EXPAND = [
  "test", "enterprise-agent-unit", "enterprise-agent", "endpoint-agent", "endpoint-agent-essential", "endpoint-agent-embedded",
];
const GROUPINGS = ["account", "type"];
const LONGEST = 200;

/**
 * @typedef {object} State
 * @property {string} [aid]
 * @property {readonly string[]} expand
 * @property {string} [tab] the table that is shown
 * @property {string} search what is typed above it
 * @property {{ field: string, descending: boolean }} [sort]
 * @property {"account" | "type"} [group] what its rows are grouped by
 * @property {string} [account] the `aid` whose rows alone are shown
 * @property {string} [type] the test type whose rows alone are shown
 */

/** @param {string} query `location.search` @returns {State} */
export function parseState(query) {
  const params = new URLSearchParams(query);
  const text = (name) => {
    const value = params.get(name) ?? "";
    return value !== "" && value.length <= LONGEST && !/\p{Cc}/u.test(value) ? value : undefined;
  };
  const named = params.get("expand")?.split(",");
  const [, minus, field] = /^(-?)([A-Za-z]+)$/.exec(params.get("sort") ?? "") ?? [];
  return {
    aid: text("aid"),
    expand: named ? EXPAND.filter((value) => named.includes(value)) : EXPAND,
    tab: text("tab"),
    search: text("search") ?? "",
    sort: field && { field, descending: minus === "-" },
    group: GROUPINGS.find((value) => value === params.get("group")),
    account: text("account"),
    type: text("type"),
  };
}

/** @param {State} state @returns {string} "" or what begins with "?" */
export function formatState({ aid, expand, tab, search, sort, group, account, type }) {
  const params = new URLSearchParams();
  const put = (name, value) => value && params.set(name, value);
  put("aid", aid);
  // Empty is not absent: it asks for no breakdown at all.
  if (!sameExpand(expand, EXPAND)) params.set("expand", expand.join());
  put("tab", tab);
  put("search", search.slice(0, LONGEST));
  put("sort", sort && `${sort.descending ? "-" : ""}${sort.field}`);
  put("group", group);
  put("account", account);
  put("type", type);
  const query = params.toString().replaceAll("%2C", ",");
  return query && `?${query}`;
}

/** Whether the same answer fits both. @param {State} a @param {State} b */
export const sameRequest = (a, b) => a.aid === b.aid && sameExpand(a.expand, b.expand);

const sameExpand = (a, b) => a.join() === b.join();
