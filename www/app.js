import { getUsageWithResponse } from "thousandeyes-usage";
import { plural } from "./view/dom.js";
import { errorView } from "./view/error.js";
import { warnings } from "./view/meters.js";
import { resultView } from "./view/result.js";

const SAMPLE_BASE_URL = "/api";

const byId = (id) => document.getElementById(id);
const form = byId("request");
const results = byId("results");

/** The controller of the call that is under way: what a call finds here when it ends tells whether it was replaced. */
let current;

function readForm() {
  const baseUrl = byId("base-url").value.trim() || SAMPLE_BASE_URL;
  return {
    baseUrl,
    isSample: isSample(baseUrl),
    token: byId("token").value.trim() || undefined,
    aid: byId("aid").value.trim() || undefined,
    expand: new FormData(form).getAll("expand"),
  };
}

function isSample(baseUrl) {
  try {
    return new URL(baseUrl, location.href).href.replace(/\/+$/, "") === new URL(SAMPLE_BASE_URL, location.href).href;
  } catch {
    return false;
  }
}

async function load() {
  current?.abort();
  const controller = (current = new AbortController());
  const request = readForm();
  const startedAt = performance.now();
  show("loading", `Loading from ${request.baseUrl} …`);

  try {
    const response = await getUsageWithResponse(request.aid, request.expand, {
      baseUrl: request.baseUrl,
      token: request.token,
      signal: controller.signal,
      onAttempt: (attempt) => controller === current && announceRetry(attempt),
    });
    if (controller !== current) return;
    const took = Math.round(performance.now() - startedAt);
    const news = warnings(response.data.usage ?? {});
    show("result", `Loaded in ${took} ms. ${news.join(" ")}`, resultView(response, request));
  } catch (error) {
    if (controller !== current) return;
    show("error", `${error.name}: ${error.message}`, errorView(error, { isSample: request.isSample, retry: loadAndReveal, showSample }));
  }
}

function announceRetry({ attempt, status, code, waitMs }) {
  if (waitMs === undefined) return;
  const seconds = Math.max(1, Math.round(waitMs / 1000));
  byId("status").textContent = `Attempt ${attempt} failed (${status ?? code}), the next in ${plural(seconds, "second")} …`;
}

/** @param {"loading" | "result" | "error"} state @param {string} status @param {...Node} content */
function show(state, status, ...content) {
  const hadFocus = results.contains(document.activeElement);
  results.dataset.state = state;
  results.ariaBusy = String(state === "loading");
  byId("cancel").hidden = state !== "loading";
  byId("status").textContent = status;
  byId("output").replaceChildren(...content);
  // The focused button has just gone: without this, the keyboard would start again from the top of the page.
  if (hadFocus) results.focus({ preventScroll: true });
}

/** On a narrow screen the results are below the form, where a visitor would not see them change. */
function loadAndReveal() {
  load();
  const { top } = results.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) results.scrollIntoView();
}

function showSample() {
  form.reset();
  loadAndReveal();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  loadAndReveal();
});

byId("cancel").addEventListener("click", () => current.abort());

byId("try-errors").addEventListener("click", ({ target }) => {
  const { aid } = target.dataset;
  if (aid === undefined) return;
  byId("base-url").value = SAMPLE_BASE_URL;
  byId("aid").value = aid;
  loadAndReveal();
});

// Beside the results the form is always open; above them it would push them off a narrow screen.
const wide = matchMedia("(min-width: 60rem)");
const fitSettings = () => (byId("settings").open = wide.matches);
wide.addEventListener("change", fitSettings);
fitSettings();

load();
