import { byAccountGroup, summarize, topTests, UsageClient } from "thousandeyes-usage";
import { download, fileName } from "./download.js";
import { freshness } from "./freshness.js";
import { nextTask } from "./next-task.js";
import { formatState, parseState, sameRequest } from "./state.js";
import { el, keepFocus } from "./view/dom.js";
import { errorView, remedy, retryText, titleOf } from "./view/error.js";
import { warnings } from "./view/meters.js";
import { resultView } from "./view/result.js";
import { topTestsView } from "./view/top-tests.js";

/** The page sends requests only to its own gateway, which has the API's token. */
const BASE_URL = "/api";
const TOP_TESTS = 10;

const byId = (id) => document.getElementById(id);
const form = byId("request");
const results = byId("results");

/** @type {import("./state.js").State} the view that the visitor chose, as in the URL */
let state = parseState(location.search);
/** @type {import("./state.js").State} the state of the last request */
let requested;
/** The controller of the call in progress. A call that ends and finds another one here has been replaced. */
let current;
/** @type {{ request: import("./state.js").State, parts: { update?(state): void, unmount?(): void }[] } | undefined} */
let shown;
/** The months that the history has loaded, and their account group. */
let loadedHistory = { aid: undefined, months: new Map() };
/** The viewer key, if the visitor entered one. It is kept only in this variable. */
let viewerKey;

const createClient = () => new UsageClient({ baseUrl: BASE_URL, token: viewerKey });

async function load() {
  current?.abort();
  const controller = (current = new AbortController());
  const isCurrent = () => controller === current;
  const request = (requested = state);
  const key = viewerKey;
  keepFocus(results, () => show("loading"));
  delete results.dataset.complete;
  announce(shown ? "Loading again …" : "Loading …");

  try {
    const response = await createClient().getUsageWithResponse(request.aid, request.expand, {
      signal: controller.signal,
      onAttempt: (attempt) => isCurrent() && attempt.waitMs !== undefined && announce(retryText(attempt)),
    });
    const { data, headers } = response;
    const fresh = freshness(headers, Date.now());
    const summary = await summarize(data, fresh.at);
    if (!isCurrent()) return;

    setSample(headers);
    const placeholders = showResult({ response, summary, freshness: fresh }, request);
    announce(["Loaded.", ...warnings(summary.meters)].join(" "));
    await showParts(placeholders, data, request, isCurrent);
  } catch (error) {
    if (!isCurrent()) return;
    setSample(error.headers);
    if (error.code === "unauthorized") viewerKey = undefined;
    showError(error, request, key !== undefined);
  }
}

/** Shows the most important part at once, and returns the placeholders of the others. */
function showResult(result, request) {
  const { node, ...placeholders } = resultView(result, {
    refresh: load,
    saveJson: () => download(fileName(request.aid, "", "json"), "application/json", JSON.stringify(result.response.data, null, 2)),
  });
  keepFocus(results, () => {
    clearResult();
    shown = { request, parts: [] };
    byId("output").replaceChildren(node);
    show("result");
  });
  return placeholders;
}

/** Shows the other parts one after another. All at once, they would block the page. */
async function showParts(placeholders, data, request, isCurrent) {
  const { parts } = shown;
  const result = { data, accountGroups: [] };
  const steps = [
    [placeholders.charts, async () => {
      result.accountGroups = await byAccountGroup(data);
      await nextTask();
      return (await import("./view/charts.js")).chartsView(result, chooseRows);
    }],
    [placeholders.topTests, async () => topTestsView(await topTests(data, TOP_TESTS), data.usage?.cloudUnitsProjected)],
    [placeholders.history, async () => {
      const { historyView } = await import("./view/history.js");
      if (loadedHistory.aid !== request.aid) loadedHistory = { aid: request.aid, months: new Map() };
      return historyView(
        loadedHistory,
        (month, options) => createClient().getTestUnits({ aid: request.aid, ...month }, options).pages(),
        change,
        { get: () => viewerKey, set: (key) => (viewerKey = key) });
    }],
    [placeholders.breakdowns, async () => (await import("./view/breakdowns.js")).breakdownsView(result, request, change)],
  ];
  for (const [placeholder, create] of steps) {
    await nextTask();
    // If a file does not load, the other parts are still shown.
    const part = await create().catch((error) => ({
      node: el("p", { className: "notice" }, `This part could not be loaded. Reload the page. (${error.message})`),
    }));
    if (!isCurrent()) return;
    placeholder.replaceWith(part.node);
    part.mount?.();
    part.update?.(state);
    parts.push(part);
  }
  results.dataset.complete = "";
}

function showError(error, request, hasKey) {
  // The numbers of another organisation must not stay below the error of this one.
  const keepsResult = shown && sameRequest(shown.request, request) && (error.retryable || error.code === "aborted");
  if (!keepsResult) {
    keepFocus(results, clearResult);
    loadedHistory.months = new Map();
  }
  byId("problem").replaceChildren(errorView(error, {
    isSample: !byId("sample").hidden,
    hasKey,
    useKey(key) {
      viewerKey = key;
      load();
    },
    retry: load,
    showSample: () => go({ aid: undefined }),
    announce,
  }));
  keepFocus(results, () => show("error"));
  announce(`${titleOf(error)}. ${remedy(error, hasKey)}${keepsResult ? " The previous response is still shown." : ""}`);
}

function clearResult() {
  for (const part of shown?.parts ?? []) part.unmount?.();
  shown = undefined;
  byId("output").replaceChildren();
}

/** @param {"loading" | "result" | "error"} name */
function show(name) {
  results.dataset.state = name;
  results.ariaBusy = String(name === "loading");
  results.toggleAttribute("data-first", shown === undefined);
  byId("cancel").hidden = name !== "loading";
  if (name === "loading") byId("problem").replaceChildren();
}

function announce(text) {
  byId("status").textContent = text;
}

/** Shows whether this is sample data, by the gateway's header. @param {Headers} [headers] */
function setSample(headers) {
  if (!headers) return;
  const isSample = headers.get("x-usage-source") === "sample";
  byId("sample").hidden = byId("sample-badge").hidden = !isSample;
}

/** Changes the view of the result. */
function change(patch, { replace = false } = {}) {
  state = { ...state, ...patch };
  history[replace ? "replaceState" : "pushState"](null, "", location.pathname + formatState(state));
  for (const part of shown?.parts ?? []) part.update?.(state);
}

/** Shows the rows behind a bar of a chart. */
function chooseRows(patch) {
  change({ search: "", group: undefined, ...patch });
  const title = byId("breakdowns-title");
  title.scrollIntoView();
  title.focus({ preventScroll: true });
}

/** Sends another request. */
function go(patch) {
  change(patch);
  fillForm();
  load();
  scrollTo({ top: 0 });
}

function fillForm() {
  byId("aid").value = state.aid ?? "";
  for (const box of form.elements.expand) box.checked = state.expand.includes(box.value);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  byId("expand-menu").open = false;
  const query = formatState({ ...state, aid: byId("aid").value.trim(), expand: new FormData(form).getAll("expand") });
  const { aid, expand } = parseState(query);
  go({ aid, expand });
});

byId("cancel").addEventListener("click", () => current.abort());

byId("sample").addEventListener("click", ({ target }) => {
  const { aid } = target.dataset;
  if (aid !== undefined) go({ aid });
});

addEventListener("popstate", () => {
  state = parseState(location.search);
  fillForm();
  if (!sameRequest(state, requested)) load();
  else for (const part of shown?.parts ?? []) part.update?.(state);
});

// An open menu covers the elements below it.
const menu = byId("expand-menu");
addEventListener("click", ({ target }) => menu.contains(target) || (menu.open = false));
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

fillForm();
load();
