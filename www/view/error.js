import { clockWithSeconds, number, plural } from "../format.js";
import { button, el, facts } from "./dom.js";

/** What happened, in the words of someone who looks after usage and not after this page. */
const TITLES = {
  "connection": "The gateway could not be reached",
  "timeout": "The answer took too long",
  "aborted": "Loading was cancelled",
  "argument": "The request is not valid",
  "token": "The viewer key cannot be sent",
  "bad-request": "The request was refused",
  "unauthorized": "Log in to see the usage",
  "forbidden": "You may not read this usage",
  "not-found": "Nothing was found there",
  "rate-limit": "The rate limit is used up",
  "server": "The API failed to answer",
  "unexpected-response": "The answer did not come from the API",
  "decode": "The answer could not be read",
};

/** What to do about it. */
const REMEDIES = {
  "argument": "Correct the field that the sentence names. Nothing was sent.",
  "token": "Enter the viewer key again, without spaces or line breaks. Nothing was sent.",
  "connection": "Check your network, then try again. If others can open this page, its gateway is out of your reach.",
  "timeout": "Try again. If it keeps happening, ask for fewer breakdowns.",
  "aborted": "Try again when you want to.",
  "bad-request": "Correct the parameter that the server names, then load again.",
  "unauthorized": "Enter the viewer key that you were given, or log in where your organisation has single sign-on.",
  "forbidden": "Use the ID of an account group you are assigned to, or ask an administrator for the permission “View organization usage”.",
  "not-found": "This page’s gateway has no usage at that address. Tell whoever runs it.",
  "rate-limit": "Wait until the time given here. The limit is shared by everyone in the organisation.",
  "server": "Nothing is wrong on your side. Try again in a few minutes; if it lasts, quote the request ID to whoever runs this page.",
  "unexpected-response": "Reload the page. If it lasts, something between you and this page’s gateway answers in its place.",
  "decode": "Report the path given here to whoever runs this page: the API has answered something new.",
};
const KEY_REFUSED = "The key was not accepted. Enter it again, or ask whoever runs this page for a valid one.";
const SESSION_ENDED = "Log in again: you come back to this view.";

/**
 * @param {any} error what the call was rejected with
 * @param {object} context
 * @param {boolean} context.isSample
 * @param {boolean} context.hasKey whether a viewer key was sent
 * @param {(key: string) => void} context.useKey
 * @param {() => void} context.retry
 * @param {() => void} context.showSample
 * @param {(text: string) => void} context.announce
 */
export function errorView(error, context) {
  const { code, name, retryable, retryAt } = error;
  const message = error.message ?? String(error);
  // A redirect to a login: a script may not see where it leads.
  const sessionEnded = code === "unexpected-response" && error.status === 0;
  // The message quotes the server, but shortens what is long, and holds one thing of several.
  const isNews = (text) => text !== undefined && !message.includes(text.trim().replace(/\.+$/, ""));
  const { detail, errors = [] } = error.problem ?? {};
  const faults = errors.filter(({ code, field, message: text }) => code ?? field ?? isNews(text));

  const retryButton = button("Try again", context.retry, { id: "retry" });
  const actions = [];
  if (code === "unauthorized" || sessionEnded) {
    actions.push(button("Reload to log in", () => location.reload(), { id: "log-in", className: sessionEnded ? "primary" : "" }));
  }
  if (retryable || code === "aborted") actions.push(retryButton);
  if (context.isSample) actions.push(button("Back to the sample", context.showSample, { id: "show-sample" }));

  return el("section", { id: "error", className: "panel", "data-code": code ?? "", "aria-labelledby": "error-title" },
    el("h2", { id: "error-title" },
      sessionEnded ? "Your session has ended" : TITLES[code] ?? "Something went wrong", " ",
      el("code", { id: "error-name" }, name ?? "Error")),
    el("div", { className: "remedy" }, el("h3", {}, "What to do"),
      el("p", { id: "error-remedy" }, remedy(code, sessionEnded, context.hasKey)),
      ...(["unauthorized", "token"].includes(code) ? [keyForm(context.useKey)] : [])),
    el("p", { id: "error-message" }, ...withCode(message)),
    facts({ id: "error-facts" }, [
      ["Retry at", retryAt && countdown(retryAt, retryButton, context.announce)],
      ["The server said", isNews(detail) ? detail : undefined],
      ["HTTP status", error.status ? String(error.status) : undefined],
      ["Request ID", error.requestId && el("code", { id: "error-request-id" }, error.requestId)],
      ["Attempts", error.attempts === undefined ? undefined : number(error.attempts)],
      ["Path", error.path && el("code", { id: "error-path" }, error.path)],
      ["Expected", error.expected],
      ["Found", error.found],
    ]),
    ...problemErrors(faults),
    ...(actions.length > 0 ? [el("div", { className: "buttons" }, ...actions)] : []));
}

function remedy(code, sessionEnded, hasKey) {
  if (sessionEnded) return SESSION_ENDED;
  if (code === "unauthorized" && hasKey) return KEY_REFUSED;
  return REMEDIES[code] ?? "This is not an error of the client: reload the page, and report it if it comes back.";
}

/** The key goes from the field to the client, and is kept nowhere else. */
function keyForm(useKey) {
  // Without a name, no form and no password manager has anything to send or to keep.
  const input = el("input", { id: "viewer-key", type: "password", autocomplete: "off", spellcheck: false, required: true });
  const form = el("form", { id: "key-form", autocomplete: "off" },
    el("label", { htmlFor: "viewer-key" }, "Viewer key"), input,
    el("button", { type: "submit", className: "primary" }, "Use this key"),
    el("p", { className: "help" }, "Kept in this page’s memory alone: it is gone when you leave or reload."));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = input.value.trim();
    input.value = "";
    useKey(key);
  });
  return form;
}

/** What stands between backticks, as code. */
function withCode(text) {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? el("code", {}, part) : part));
}

/** The time of the next try, counted down for as long as it is on the page; until then the button waits too. */
function countdown(retryAt, retryButton, announce) {
  // A timer is not read out at each second; that it is over is.
  const left = el("span", { id: "retry-countdown", role: "timer" });
  const tick = () => {
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    retryButton.disabled = seconds > 0;
    left.textContent = seconds > 0 ? `in ${plural(seconds, "second")}` : "now";
    return seconds > 0;
  };
  if (tick()) {
    const timer = setInterval(() => {
      if (retryButton.isConnected && tick()) return;
      clearInterval(timer);
      if (retryButton.isConnected) announce("You can try again now.");
    }, 1000);
  }
  return el("span", {}, el("time", { id: "retry-at", dateTime: retryAt.toISOString() }, clockWithSeconds(retryAt)), ", ", left);
}

function problemErrors(errors) {
  if (errors.length === 0) return [];
  const items = errors.map(({ code, field, message }) => {
    const labels = [field, code].filter((text) => text !== undefined).map((text) => el("code", {}, text));
    return el("li", {}, message ?? "", ...labels.flatMap((label) => [" ", label]));
  });
  return [el("h3", {}, "Named by the server"), el("ul", { id: "problem-errors" }, ...items)];
}
