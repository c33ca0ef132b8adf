import { byAccountGroup, summarize, topTests, UsageClient } from "thousandeyes-usage";
import { download, fileName } from "./download.js";
import { plural } from "./format.js";
import { freshness } from "./freshness.js";
import { formatState, parseState, sameRequest } from "./state.js";
import { el } from "./view/dom.js";
import { errorView } from "./view/error.js";
import { warnings } from "./view/meters.js";
import { resultView } from "./view/result.js";
import { topTestsView } from "./view/top-tests.js";

/** The page talks to its own gateway alone, which has the API's token. */
const BASE_URL = "/api";
const TOP_TESTS = 10;

const byId = (id) => document.getElementById(id);
const form = byId("request");
const results = byId("results");

/** @type {import("./state.js").State} what the visitor wants to see, as in the URL */
let state = parseState(location.search);
/** @type {import("./state.js").State} what was asked for last */
let requested;
/** The controller of the call that is under way: what a call finds here when it ends tells whether it was replaced. */
let current;
/** @type {{ request: import("./state.js").State, parts: { update?(state): void, unmount?(): void }[] } | undefined} */
let shown;
/** Of a visitor who has one: in this variable alone. */
let viewerKey;

async function load() {
  current?.abort();
  const controller = (current = new AbortController());
  const isCurrent = () => controller === current;
  const request = (requested = state);
  const key = viewerKey;
  const startedAt = performance.now();
  keepFocus(() => show("loading"));
  delete results.dataset.complete;
  announce(shown ? "Loading anew …" : "Loading …");

  try {
    const client = new UsageClient({ baseUrl: BASE_URL, token: key });
    const response = await client.getUsageWithResponse(request.aid, request.expand, {
      signal: controller.signal,
      onAttempt: (attempt) => isCurrent() && announceRetry(attempt),
    });
    const { data, headers } = response;
    const fresh = freshness(headers, Date.now());
    const summary = await summarize(data, fresh.at);
    if (!isCurrent()) return;

    setSample(headers);
    const took = Math.round(performance.now() - startedAt);
    const places = showAnswer({ response, summary, freshness: fresh }, request);
    announce([`Loaded in ${took} ms.`, ...warnings(summary.meters)].join(" "));
    await showRest(places, data, request, isCurrent);
  } catch (error) {
    if (!isCurrent()) return;
    setSample(error.headers);
    if (error.code === "unauthorized") viewerKey = undefined;
    showError(error, request, key !== undefined);
  }
}

/** What matters most, at once. */
function showAnswer(answer, request) {
  const { node, ...places } = resultView(answer, {
    refresh: load,
    saveJson: () => download(fileName(request.aid, "", "json"), "application/json", JSON.stringify(answer.response.data, null, 2)),
  });
  keepFocus(() => {
    clearAnswer();
    shown = { request, parts: [] };
    byId("output").replaceChildren(node);
    show("result");
  });
  return places;
}

/** The rest, each part when the one before it is on the screen: together they would hold up the page. */
async function showRest(places, data, request, isCurrent) {
  const { parts } = shown;
  const result = { data, accountGroups: [] };
  const steps = [
    [places.charts, async () => {
      result.accountGroups = await byAccountGroup(data);
      await nextTask();
      return (await import("./view/charts.js")).chartsView(result, chooseRows);
    }],
    [places.topTests, async () => topTestsView(await topTests(data, TOP_TESTS), data.usage?.cloudUnitsProjected)],
    [places.breakdowns, async () => (await import("./view/breakdowns.js")).breakdownsView(result, request, change)],
  ];
  for (const [place, make] of steps) {
    await nextTask();
    // A file that did not come must not take the numbers along that are there already.
    const part = await make().catch((error) => ({ node: el("p", { className: "notice" }, `This part is missing. Reload the page. (${error.message})`) }));
    if (!isCurrent()) return;
    place.replaceWith(part.node);
    part.mount?.();
    part.update?.(state);
    parts.push(part);
  }
  results.dataset.complete = "";
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

function showError(error, request, hasKey) {
  // Numbers of another organisation below an error would be read as this one's.
  const keeps = shown && sameRequest(shown.request, request) && (error.retryable || error.code === "aborted");
  if (!keeps) keepFocus(clearAnswer);
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
  keepFocus(() => show("error"));
  announce(`${error.name ?? "Error"}: ${error.message ?? error}${keeps ? " The answer before it is still shown." : ""}`);
}

function clearAnswer() {
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

/** Where what an action takes away had the focus, the keyboard would start again from the top of the page. */
function keepFocus(action) {
  const hadFocus = results.contains(document.activeElement);
  action();
  if (hadFocus && document.activeElement === document.body) results.focus({ preventScroll: true });
}

function announce(text) {
  byId("status").textContent = text;
}

function announceRetry({ attempt, status, code, waitMs }) {
  if (waitMs === undefined) return;
  const seconds = Math.max(1, Math.round(waitMs / 1000));
  announce(`Attempt ${attempt} failed (${status ?? code}), the next in ${plural(seconds, "second")} …`);
}

/** Whether the numbers are made up: the gateway says so, with each answer. @param {Headers} [headers] */
function setSample(headers) {
  if (!headers) return;
  const isSample = headers.get("x-usage-source") === "sample";
  byId("sample").hidden = byId("sample-badge").hidden = !isSample;
}

/** Changes what is shown of the answer. */
function change(patch, { replace = false } = {}) {
  state = { ...state, ...patch };
  history[replace ? "replaceState" : "pushState"](null, "", location.pathname + formatState(state));
  for (const part of shown?.parts ?? []) part.update?.(state);
}

/** The rows behind a bar of a chart. */
function chooseRows(patch) {
  change({ search: "", group: undefined, ...patch });
  const title = byId("breakdowns-title");
  title.scrollIntoView();
  title.focus({ preventScroll: true });
}

/** Asks for another answer. */
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
  const wanted = formatState({ ...state, aid: byId("aid").value.trim(), expand: new FormData(form).getAll("expand") });
  const { aid, expand } = parseState(wanted);
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

// A menu that stays open covers what is below it.
const menu = byId("expand-menu");
addEventListener("click", ({ target }) => menu.contains(target) || (menu.open = false));
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

fillForm();
load();
