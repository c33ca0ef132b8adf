import { age, clock, number, period, percent, plural } from "../format.js";
import { button, el, facts } from "./dom.js";
import { metersView } from "./meters.js";

const AGE_EVERY_MS = 30_000;
const DAY_MS = 86_400_000;

/**
 * What an answer shows at once; what takes longer has its places in it.
 * @param {object} answer
 * @param {import("thousandeyes-usage").UsageResponse} answer.response
 * @param {import("thousandeyes-usage").Summary} answer.summary
 * @param {ReturnType<typeof import("../freshness.js").freshness>} answer.freshness
 * @param {{ refresh: () => void, saveJson: () => void }} actions
 */
export function resultView({ response, summary, freshness }, { refresh, saveJson }) {
  const { requestId, rateLimit, attempts } = response;
  const [charts, topTests, breakdowns] = ["charts", "top-tests", "breakdowns"].map((name) => el("div", { className: "later", "data-later": name }));
  const node = el("div", { id: "usage" },
    el("div", { id: "answer" },
      periodView(summary.period),
      ageView(freshness),
      el("div", { className: "buttons" },
        button("Refresh", refresh, { id: "refresh" }),
        button("Download JSON", saveJson, { id: "download-json" }))),
    ...(freshness.isStale ? [staleNotice(freshness)] : []),
    metersView(summary.meters),
    charts,
    topTests,
    breakdowns,
    facts({ id: "response-facts" }, [
      ["Attempts", number(attempts)],
      ["Rate limit", rateLimit && `${number(rateLimit.remaining)} of ${plural(rateLimit.limit, "request")} left`],
      ["Request ID", requestId],
    ]));
  return { node, charts, topTests, breakdowns };
}

function periodView({ start, end, elapsed }) {
  const node = el("p", { id: "period" }, el("strong", {}, period(start, end)));
  const days = (Date.parse(end) - Date.parse(start)) / DAY_MS;
  if (elapsed === undefined || !(days > 0)) return node;
  const length = Math.round(days);
  const today = Math.min(length, Math.floor(elapsed * days) + 1);
  node.append(" ", el("span", {}, elapsed < 1 ? `Day ${today} of ${length}, ${percent(elapsed)} over` : "The period is over"));
  return node;
}

/** Its own words are kept up to date for as long as they are on the page. */
function ageView({ at }) {
  const old = el("span");
  const tick = () => (old.textContent = `(${age((Date.now() - at) / 1000)})`);
  tick();
  const timer = setInterval(() => (old.isConnected ? tick() : clearInterval(timer)), AGE_EVERY_MS);
  return el("p", { id: "age" }, "Data of ", el("time", { dateTime: at.toISOString() }, clock(at)), " ", old);
}

function staleNotice({ at, reason }) {
  return el("p", { id: "stale", className: "notice" },
    el("strong", {}, "Older data. "),
    `The API could not be reached${reason ? `, since ${reason}` : ""}: this is what it answered at ${clock(at)}.`);
}
