import { downloadCsv } from "../download.js";
import { ABSENT, clockWithSeconds, compact, month as monthName, percent, plural } from "../format.js";
import { History } from "../history.js";
import { coloursOf, idOf, monthsUntil, partsOf, RANGES, recordsOf, shortName } from "../months.js";
import { amount, button, el, keepFocus } from "./dom.js";
import { forOperator, hasEnded, keyForm, remedy, retryText, titleOf } from "./error.js";
import { HistoryChart } from "./history-chart.js";

const DEFAULT_RANGE = 6;
/** What a response has while the rate limit is used up, or the gateway still reads a month. */
const WAITING = [429, 503];
/** For a page: a rate limit lasts a minute, and a gateway that still reads a month asks to try again. */
const WAIT = { timeout: 90_000, maxRetries: 7 };

/**
 * The units of the last months. They are loaded when the visitor asks for them, because they need many requests.
 *
 * @param {{ aid?: string, months: Map<string, import("../history.js").Entry> }} loaded the account group, and its months that are
 *   loaded already
 * @param {(month: import("../months.js").Month, options: object) => AsyncIterable<{ data: object[] }>} requestPages
 * @param {(patch: Partial<import("../state.js").State>) => void} change
 * @param {{ get(): string | undefined, set(key: string): void }} viewerKey
 * @returns {{ node: HTMLElement, update(state: import("../state.js").State): void, unmount(): void }} call `update` when the node is
 *   in the page
 */
export function historyView(loaded, requestPages, change, viewerKey) {
  const history = new History(loaded.months, (month, signal) => requestPages(month, { ...WAIT, signal, onAttempt: showRetry }), {
    change: show,
    page: (rowCount) => (pages.textContent = `${plural(rowCount, "test")} so far`),
  });
  const now = new Date();
  /** @type {Partial<import("../state.js").State>} the view that is shown */
  let shown = {};
  let colours = new Map();

  const range = el("select", { id: "history-range" }, ...RANGES.map((count) => el("option", { value: count }, `${count} months`)));
  const open = button("Show the history", () => change({ history: Number(range.value) }), { id: "history-open", className: "primary" });
  const cancel = button("Cancel", () => history.cancel(), { id: "history-cancel" });
  const others = button("Load the other months", () => history.load(), { id: "history-continue" });
  const csv = button("Download CSV", () => {
    const { fields, rows } = recordsOf(history.entries.filter(({ accountGroups }) => accountGroups));
    downloadCsv(loaded.aid, "history", fields, rows);
  }, { id: "history-csv", "aria-label": "Download CSV of the history" });
  const status = el("p", { id: "history-status", role: "status" });
  const pages = el("span", { id: "history-pages" });
  const progress = el("progress", { "aria-labelledby": "history-status" });
  const loading = el("div", { id: "history-loading" }, progress, pages);
  const problems = el("div", { id: "history-problems" });
  const chart = new HistoryChart();
  const growth = growthView((from, to) => change({ from, to }));
  const figures = el("div", { className: "figures" }, chart.node, growth.node);
  const section = el("section", { id: "history", "aria-labelledby": "history-title", tabIndex: -1 },
    el("div", { className: "section-head" }, el("h2", { id: "history-title" }, "History")),
    el("div", { className: "panel toolbar" },
      el("label", { className: "inline", htmlFor: "history-range" }, "Range"), range, open, cancel, others, status, csv, loading),
    problems,
    figures);

  range.addEventListener("change", () => shown.history && change({ history: Number(range.value) }));

  function show() {
    keepFocus(section, () => {
      const { entries, isLoading, isStopped, isUnavailable } = history;
      const isOpen = shown.history !== undefined;
      range.value = shown.history ?? DEFAULT_RANGE;
      const done = entries.filter(({ accountGroups, error }) => accountGroups || error).length;
      open.hidden = isOpen;
      cancel.hidden = loading.hidden = !isLoading;
      others.hidden = !isOpen || isLoading || isStopped || isUnavailable || done === entries.length;
      progress.max = entries.length;
      progress.value = done;
      pages.textContent = "";
      announce(isOpen ? statusText(history) : "Units by account group in the last months. Loading them takes some requests for each month.");
      problems.replaceChildren(...(isOpen ? problemViews(history, viewerKey) : []));

      const hasUnits = isOpen && entries.some(({ accountGroups }) => accountGroups);
      figures.hidden = csv.hidden = !hasUnits;
      // A comparison may end after the page has removed this view.
      if (!hasUnits || !section.isConnected) return;
      const parts = partsOf(entries.map(({ accountGroups }) => accountGroups));
      colours = coloursOf(parts, colours);
      chart.show({ months: entries.map((entry) => ({ ...entry.month, missing: missing(entry, history.current) })), parts, colours });
      growth.show(history);
    });
  }

  /** A text that does not change is not read aloud again. */
  function announce(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function showRetry(attempt) {
    if (attempt.waitMs === undefined || !history.isLoading) return;
    announce(`${nameOf(history.current)}: ${WAITING.includes(attempt.status) ? "waiting for the API …" : retryText(attempt)}`);
  }

  show();
  return {
    node: section,
    update(state) {
      if (["history", "from", "to"].every((name) => state[name] === shown[name])) return;
      shown = state;
      if (shown.history !== undefined) return void history.show(monthsUntil(now, shown.history), [shown.from, shown.to]);
      history.cancel();
      show();
    },
    unmount() {
      history.cancel();
      chart.unmount();
    },
  };
}

/** Why a month has no bar, so that it does not look like one without units. */
function missing(entry, current) {
  if (entry.accountGroups) return undefined;
  if (entry.error) return "failed";
  return entry === current ? "loading" : "not loaded";
}

function statusText({ entries, current, isCancelled, isUnavailable }) {
  const loaded = entries.filter(({ accountGroups }) => accountGroups).length;
  if (isUnavailable) return "";
  const count = `${loaded === entries.length ? "All" : `${loaded} of`} ${entries.length} months are loaded`;
  if (current) return `Loading ${nameOf(current)} (${count.toLowerCase()}) …`;
  return `${isCancelled ? "Cancelled. " : ""}${count}.`;
}

const nameOf = (entry) => monthName(entry.month.startDate);
const nameSoFar = (entry) => nameOf(entry) + (entry.month.endDate === undefined ? " so far" : "");

/** Why months could not be loaded, each with a retry or a login. */
function problemViews(history, viewerKey) {
  return history.entries.filter(({ error }) => error).map((entry) => {
    const { error } = entry;
    const sessionEnded = hasEnded(error);
    const needsKey = ["unauthorized", "token"].includes(error.code);
    const retry = () => history.retry(entry);
    const [title, explanation] = history.isUnavailable
      ? ["This organisation has no history.", "Only organisations with usage-based billing have units for each month."]
      : [`${nameOf(entry)}: ${titleOf(error)}.`, ""];
    const sentences = [
      explanation,
      sessionEnded || needsKey ? remedy(error, viewerKey.get() !== undefined) : error.problem?.detail?.replace(/[^.]$/, "$&."),
      error.retryAt && `You can try again at ${clockWithSeconds(error.retryAt)}.`,
      error.requestId && `Request ID: ${error.requestId}`,
    ];
    return el("div", { className: "notice" },
      el("p", {}, el("strong", {}, title), " ", sentences.filter(Boolean).join(" ")),
      sessionEnded || error.code === "unauthorized"
        ? button("Reload to log in", () => location.reload())
        : button("Try again", retry, { "aria-label": `Try again: ${nameOf(entry)}` }),
      ...(needsKey ? [keyForm((key) => (viewerKey.set(key), retry()))] : []),
      forOperator(error));
  });
}

/** The tests that grew most between two months. */
function growthView(compare) {
  const selects = ["from", "to"].map((name) => el("select", { id: `history-${name}` }));
  const [from, to] = selects;
  const summary = el("p");
  const output = el("div", { id: "history-growth", tabIndex: 0, role: "group", "aria-labelledby": "history-growth-title" });
  let entries = [];
  for (const select of selects) {
    select.addEventListener("change", () => compare(from.value, to.value));
  }
  return {
    node: el("section", { className: "panel", "aria-labelledby": "history-growth-title" },
      el("div", { className: "caption" }, el("h3", { id: "history-growth-title" }, "Tests that grew most"), summary),
      el("div", { className: "toolbar" },
        ...[["From", from], ["to", to]].map(([text, select]) => (
          el("span", { className: "pair" }, el("label", { className: "inline", htmlFor: select.id }, text), select)
        ))),
      output),
    /** @param {History} history */
    show(history) {
      const isNew = entries !== history.entries;
      ({ entries } = history);
      for (const [i, select] of selects.entries()) {
        // A change of the options would close an open list.
        if (isNew) select.replaceChildren(...entries.map((entry) => el("option", { value: idOf(entry.month) }, shortName(entry.month))));
        select.value = idOf(history.compared[i].month);
      }
      output.replaceChildren(growthOf(history));
      summary.textContent = summaryOf(history);
    },
  };
}

/** The growth of everything, and the account group that grew most. */
function summaryOf({ compared, comparison }) {
  const { total, accountGroups: [first] = [] } = comparison ?? {};
  const growth = total?.growth.cloudUnits;
  if (growth === undefined || compared[0] === compared[1] || !compared.every(({ rows }) => rows?.length)) return "";
  const ratio = total.growth.cloudUnitsRatio;
  const share = ratio === undefined ? "" : ` (${percent(Math.abs(ratio))})`;
  const [before, after] = compared.map(nameSoFar);
  const all = `${after} has ${compact(Math.abs(growth))} ${growth < 0 ? "fewer" : "more"} cloud units than ${before}${share}.`;
  const grown = first?.growth.cloudUnits;
  return grown > 0 ? `${all} ${first.accountGroupName ?? first.aid ?? ABSENT} grew most: by ${compact(grown)}.` : all;
}

function growthOf({ compared, comparison, isLoading }) {
  const empty = (text) => el("p", { className: "empty" }, text);
  const names = compared.map(nameOf);
  if (compared[0] === compared[1]) return empty("Choose two different months.");
  const missing = names.filter((_, i) => !compared[i].rows);
  if (missing.length > 0) {
    return empty(`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not loaded${isLoading ? " yet" : ""}.`);
  }
  if (!comparison) return empty("Comparing …");
  if (comparison.error) return empty(comparison.error.message);
  const without = names.filter((_, i) => compared[i].rows.length === 0);
  if (without.length > 0) return empty(`No tests in ${without.join(" and ")}, so there is nothing to compare.`);
  const { tests } = comparison;
  if (tests.length === 0) return empty(`No test has used more in ${names[1]} than in ${names[0]}.`);

  const shortNames = compared.map(({ month }) => shortName(month));
  const header = (label, className) => el("th", { scope: "col", className }, label);
  const row = (test) => el("tr", {},
    el("th", { scope: "row", title: test.testName }, test.testName ?? test.testId ?? ABSENT),
    el("td", { className: "wide-only", title: test.accountGroupName }, test.accountGroupName ?? ABSENT),
    el("td", { className: "amount-cell wide-only" }, test.before ? amount(test.before.cloudUnitsUsed) : "new"),
    el("td", { className: "amount-cell" }, amount(test.after?.cloudUnitsUsed)),
    el("td", { className: "amount-cell" }, "+", amount(test.growth.cloudUnits)));
  return el("table", { className: "plain" },
    el("caption", { className: "visually-hidden" }, `Cloud units of the tests that grew most from ${names[0]} to ${names[1]}`),
    el("thead", {}, el("tr", {},
      header("Test"), header("Account group", "wide-only"), header(shortNames[0], "amount-cell wide-only"),
      header(shortNames[1], "amount-cell"), header("Growth", "amount-cell"))),
    el("tbody", {}, ...tests.map(row)));
}
