import { clockWithSeconds, number, plural } from "../format.js";
import { button, el, facts } from "./dom.js";

/** What happened, for a visitor who does not maintain this page. */
const TITLES = {
  "connection": "The gateway could not be reached",
  "timeout": "The response took too long",
  "aborted": "Loading was cancelled",
  "argument": "The request is invalid",
  "token": "The viewer key cannot be sent",
  "bad-request": "The request was rejected",
  "unauthorized": "Log in to see the usage",
  "forbidden": "You may not read this usage",
  "not-found": "No usage was found",
  "rate-limit": "The rate limit is used up",
  "server": "The API failed",
  "unexpected-response": "The response did not come from the API",
  "decode": "The response could not be read",
};

/** What to do about it. */
const REMEDIES = {
  "argument": "Check the account group ID. No request was sent.",
  "token": "Enter the viewer key again, without spaces or line breaks. No request was sent.",
  "connection": "Check your network, then try again. If others can open this page, your network does not reach its gateway.",
  "timeout": "Try again. If it happens again, choose fewer breakdowns.",
  "aborted": "Try again whenever you like.",
  "bad-request": "Correct what the server names below, such as the account group ID. Then load again.",
  "unauthorized": "Enter the viewer key that you were given, or log in where your organisation has single sign-on.",
  "forbidden": "Use the ID of an account group you are assigned to, or ask an administrator for the permission “View organization usage”.",
  "not-found": "This page’s gateway has no usage at that address. Tell its operator.",
  "rate-limit": "Wait until the time below. Everyone in the organisation shares the limit.",
  "server": "Your request is correct. Try again in a few minutes. If the error lasts, send the request ID to this page’s operator.",
  "unexpected-response": "Reload the page. If the error lasts, a proxy between you and this page’s gateway sends its own response.",
  "decode": "Send what is under “For the operator” to this page’s operator. The API has sent an unknown format.",
};
const KEY_REJECTED = "The key was not accepted. Enter it again, or ask this page’s operator for a valid one.";
const SESSION_ENDED = "Log in again. You will return to this view.";

/**
 * @param {any} error the error of the call
 * @param {object} context
 * @param {boolean} context.isSample
 * @param {boolean} context.hasKey whether a viewer key was sent
 * @param {(key: string) => void} context.useKey
 * @param {() => void} context.retry
 * @param {() => void} context.showSample
 * @param {(text: string) => void} context.announce
 */
export function errorView(error, context) {
  const { code, retryable, retryAt } = error;
  const sessionEnded = hasEnded(error);
  const { detail, errors = [] } = error.problem ?? {};

  const retryButton = button("Try again", context.retry, { id: "retry" });
  const actions = [];
  if (code === "unauthorized" || sessionEnded) {
    actions.push(button("Reload to log in", () => location.reload(), { id: "log-in", className: sessionEnded ? "primary" : "" }));
  }
  if (retryable || code === "aborted") actions.push(retryButton);
  if (context.isSample) actions.push(button("Back to the sample", context.showSample, { id: "show-sample" }));

  return el("section", { id: "error", className: "panel", "data-code": code ?? "", "aria-labelledby": "error-title" },
    el("h2", { id: "error-title" }, titleOf(error)),
    el("div", { className: "remedy" }, el("h3", {}, "What to do"),
      el("p", { id: "error-remedy" }, remedy(error, context.hasKey)),
      ...(["unauthorized", "token"].includes(code) ? [keyForm(context.useKey)] : [])),
    facts({ className: "error-facts" }, [
      ["Retry at", retryAt && countdown(retryAt, retryButton, context.announce)],
      ["The server said", detail],
      ["Request ID", error.requestId && el("code", { id: "error-request-id" }, error.requestId)],
    ]),
    ...problemErrors(errors.filter(({ message }) => message !== detail)),
    ...(actions.length > 0 ? [el("div", { className: "buttons" }, ...actions)] : []),
    forOperator(error));
}

/** What only those who maintain the page understand. */
export function forOperator(error) {
  const { name = "Error", message = String(error), status, attempts, path, expected, found } = error;
  return el("details", { className: "operator" },
    el("summary", {}, "For the operator"),
    el("p", {}, el("code", {}, name), ": ", ...withCode(message)),
    facts({ className: "error-facts" }, [
      ["HTTP status", status ? String(status) : undefined],
      ["Attempts", attempts === undefined ? undefined : number(attempts)],
      ["Path", path && el("code", {}, path)],
      ["Expected", expected],
      ["Found", found],
    ]));
}

/** What went wrong, in a few words. */
export const titleOf = (error) => (hasEnded(error) ? "Your session has ended" : TITLES[error.code] ?? "Something went wrong");

/** A redirect to a login. Scripts cannot see its target. */
export const hasEnded = ({ code, status }) => code === "unexpected-response" && status === 0;

/** @param {import("thousandeyes-usage").Attempt} attempt one that is followed by another */
export function retryText({ attempt, status, code, waitMs }) {
  const seconds = Math.max(1, Math.round(waitMs / 1000));
  return `Attempt ${attempt} failed (${status ?? code}). Retrying in ${plural(seconds, "second")} …`;
}

/** @param {any} error @param {boolean} hasKey whether a viewer key was sent */
export function remedy(error, hasKey) {
  const { code } = error;
  if (hasEnded(error)) return SESSION_ENDED;
  if (code === "unauthorized" && hasKey) return KEY_REJECTED;
  return REMEDIES[code] ?? "The page itself failed. Reload it, and report the error if it happens again.";
}

/** The key is passed from the field to the client. It is not stored. */
export function keyForm(useKey) {
  // Without a name, a form cannot send the field, and a password manager does not keep it.
  const input = el("input", { id: "viewer-key", type: "password", autocomplete: "off", spellcheck: false, required: true });
  const form = el("form", { id: "key-form", autocomplete: "off" },
    el("label", { htmlFor: "viewer-key" }, "Viewer key"), input,
    el("button", { type: "submit", className: "primary" }, "Use this key"),
    el("p", { className: "help" }, "It is kept only in this page’s memory, until you leave or reload."));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // The next call removes the form, and the key with it.
    useKey(input.value.trim());
  });
  return form;
}

/** The text, with code between backticks as code. */
function withCode(text) {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? el("code", {}, part) : part));
}

/** The time of the next attempt, with a countdown. Until then, the button is disabled. */
function countdown(retryAt, retryButton, announce) {
  // A screen reader does not read each second of a timer. The end is announced.
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
  return [el("h3", {}, "Errors named by the server"), el("ul", { id: "problem-errors" }, ...items)];
}
