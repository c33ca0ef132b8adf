import { el, facts, number, plural, time } from "./dom.js";

/** What to do, by the error's code. */
const REMEDIES = {
  "argument": "Correct the field that the sentence names. Nothing was sent.",
  "token": "Paste the token again, without spaces or line breaks. Nothing was sent.",
  "connection": "Check the base URL and your network, then try again.",
  "timeout": "Try again. If it keeps happening, ask for fewer breakdowns.",
  "aborted": "Press “Load usage” when you want to send it again.",
  "bad-request": "Correct the parameter that the server names, then load again.",
  "unauthorized": "Paste a valid token. In ThousandEyes you make one under Account Settings, Users and Roles, Profile, User API Tokens.",
  "forbidden": "Use the ID of an account group you are assigned to, or ask an administrator for the permission “View organization usage”.",
  "not-found": "Check the base URL: “/v7/usage” is appended to it.",
  "rate-limit": "Wait until the time given here. The limit is shared by everyone in the organisation.",
  "server": "Nothing is wrong on your side. Try again in a few minutes; if it lasts, quote the request ID to ThousandEyes support.",
  "unexpected-response": "Check that the base URL is the API itself, and not a web page, a login or a proxy in front of it.",
  "decode": "Check that the base URL is the ThousandEyes API. If it is, report the path given here.",
};
const CORS_REMEDY = "Check the base URL and your network. If both are right, it is probably CORS: a server has to allow this "
  + "page’s origin before a browser may read its answer. Call it from Node or from a Worker instead.";

/**
 * @param {any} error what the call was rejected with
 * @param {{ isSample: boolean, retry: () => void, showSample: () => void }} context
 */
export function errorView(error, { isSample, retry, showSample }) {
  const message = error.message ?? String(error);
  // The message quotes the server, but shortens what is long, and holds one thing of several.
  const isNews = (text) => text !== undefined && !message.includes(text.trim().replace(/\.+$/, ""));
  const { detail, errors = [] } = error.problem ?? {};
  const faults = errors.filter(({ code, field, message: text }) => code ?? field ?? isNews(text));
  const actions = [button("show-sample", "Back to the sample", showSample)];
  if (error.retryable || error.code === "aborted") actions.unshift(button("retry", "Try again", retry));

  return el("section", { id: "error", className: "panel", "data-code": error.code ?? "" },
    el("h2", {}, el("span", { id: "error-name" }, error.name ?? "Error"), " ", el("code", { id: "error-code" }, error.code ?? "no code")),
    el("p", { id: "error-message" }, ...withCode(message)),
    el("div", { className: "remedy" }, el("h3", {}, "What to do"), el("p", { id: "error-remedy" }, remedy(error, isSample))),
    facts({ id: "error-facts" }, [
      ["Retry at", error.retryAt && countdown(error.retryAt)],
      ["The server said", isNews(detail) ? detail : undefined],
      ["HTTP status", error.status === undefined ? undefined : String(error.status)],
      ["Request ID", error.requestId],
      ["Attempts", error.attempts === undefined ? undefined : number(error.attempts)],
      ["Path", error.path && el("code", { id: "error-path" }, error.path)],
      ["Expected", error.expected],
      ["Found", error.found],
    ]),
    ...problemErrors(faults),
    el("div", { className: "buttons" }, ...actions));
}

/** What stands between backticks, as code. */
function withCode(text) {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? el("code", {}, part) : part));
}

function button(id, label, action) {
  const node = el("button", { id, type: "button" }, label);
  node.addEventListener("click", action);
  return node;
}

function remedy({ code }, isSample) {
  if (code === "connection" && !isSample) return CORS_REMEDY;
  return REMEDIES[code] ?? "This is not an error of the client: reload the page, and report it if it comes back.";
}

/** The time of the next try, with the seconds until then counted down for as long as it is on the page. */
function countdown(retryAt) {
  const left = el("span", { id: "retry-countdown" });
  const tick = () => {
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    left.textContent = seconds > 0 ? `in ${plural(seconds, "second")}` : "now";
    return seconds > 0;
  };
  tick();
  const timer = setInterval(() => {
    if (!left.isConnected || !tick()) clearInterval(timer);
  }, 1000);
  return el("span", {}, el("time", { id: "retry-at", dateTime: retryAt.toISOString() }, time(retryAt)), ", ", left);
}

function problemErrors(errors) {
  if (errors.length === 0) return [];
  const items = errors.map(({ code, field, message }) => {
    const labels = [field, code].filter((text) => text !== undefined).map((text) => el("code", {}, text));
    return el("li", {}, message ?? "", ...labels.flatMap((label) => [" ", label]));
  });
  return [el("h3", {}, "Named by the server"), el("ul", { id: "problem-errors" }, ...items)];
}
