/**
 * The part of the page's state that is in the URL. Never add a secret to it. Invalid values are ignored, and defaults are
 * omitted.
 */

import { RANGES } from "./months.js";

/** @type {readonly import("thousandeyes-usage").Expand[]} */
export const EXPAND = [
  "test", "enterprise-agent-unit", "enterprise-agent", "endpoint-agent", "endpoint-agent-essential", "endpoint-agent-embedded",
];
const GROUPINGS = ["account", "type"];
const MAX_LENGTH = 200;

/**
 * @typedef {object} State
 * @property {string} [aid]
 * @property {readonly string[]} expand
 * @property {string} [tab] the table that is shown
 * @property {string} search the text in the search box
 * @property {{ field: string, descending: boolean }} [sort]
 * @property {"account" | "type"} [group] the grouping of its rows
 * @property {string} [account] only rows of this account group are shown
 * @property {string} [type] only rows of this test type are shown
 * @property {number} [history] the number of months of the history; without it, the history is not loaded
 * @property {string} [from] the month with which the history compares `to`, such as "2026-08"
 * @property {string} [to]
 */

/** @param {string} query `location.search` @returns {State} */
export function parseState(query) {
  const params = new URLSearchParams(query);
  const text = (name) => {
    const value = params.get(name) ?? "";
    return value !== "" && value.length <= MAX_LENGTH && !/\p{Cc}/u.test(value) ? value : undefined;
  };
  const month = (name) => (/^\d{4}-\d\d$/.test(params.get(name)) ? params.get(name) : undefined);
  const names = params.get("expand")?.split(",");
  const [, minus, field] = /^(-?)([A-Za-z]+)$/.exec(params.get("sort") ?? "") ?? [];
  return {
    aid: text("aid"),
    expand: names ? EXPAND.filter((value) => names.includes(value)) : EXPAND,
    tab: text("tab"),
    search: text("search") ?? "",
    sort: field && { field, descending: minus === "-" },
    group: GROUPINGS.find((value) => value === params.get("group")),
    account: text("account"),
    type: text("type"),
    history: RANGES.find((count) => String(count) === params.get("history")),
    from: month("from"),
    to: month("to"),
  };
}

/** @param {State} state @returns {string} "", or a query with its "?" */
export function formatState({ aid, expand, tab, search, sort, group, account, type, history, from, to }) {
  const params = new URLSearchParams();
  const set = (name, value) => value && params.set(name, value);
  set("aid", aid);
  // An empty list differs from an absent one: it requests no breakdowns.
  if (!sameExpand(expand, EXPAND)) params.set("expand", expand.join());
  set("tab", tab);
  set("search", search.slice(0, MAX_LENGTH));
  set("sort", sort && `${sort.descending ? "-" : ""}${sort.field}`);
  set("group", group);
  set("account", account);
  set("type", type);
  set("history", history);
  set("from", from);
  set("to", to);
  const query = params.toString().replaceAll("%2C", ",");
  return query && `?${query}`;
}

/** Whether both states need the same request. @param {State} a @param {State} b */
export const sameRequest = (a, b) => a.aid === b.aid && sameExpand(a.expand, b.expand);

const sameExpand = (a, b) => a.join() === b.join();
