import { age, clock, number, period, percent, plural } from "../format.js";
import { button, el, facts } from "./dom.js";
import { metersView } from "./meters.js";

const AGE_EVERY_MS = 30_000;
const DAY_MS = 86_400_000;

/**
 * The most important part of a response, with placeholders for the parts that take longer.
 * @param {object} result
 * @param {import("thousandeyes-usage").UsageResponse} result.response
 * @param {import("thousandeyes-usage").Summary} result.summary
 * @param {ReturnType<typeof import("../freshness.js").freshness>} result.freshness
 * @param {{ refresh: () => void, saveJson: () => void }} actions
 */
export function resultView({ response, summary, freshness }, { refresh, saveJson }) {
  const { requestId, rateLimit, attempts } = response;
  const [charts, topTests, history, breakdowns] = ["charts", "top-tests", "history", "breakdowns"]
    .map((name) => el("div", { className: "later", "data-later": name }));
  const node = el("div", { id: "usage" },
    el("div", { id: "response" },
      periodView(summary.period),
      ageView(freshness),
      el("div", { className: "buttons" },
        button("Refresh", refresh, { id: "refresh" }),
        button("Download JSON", saveJson, { id: "download-json" }))),
    ...(freshness.isStale ? [staleNotice(freshness)] : []),
    metersView(summary.meters),
    charts,
    topTests,
    history,
    breakdowns,
    facts({ id: "response-facts" }, [
      ["Attempts", number(attempts)],
      ["Rate limit", rateLimit && `${number(rateLimit.remaining)} of ${plural(rateLimit.limit, "request")} left`],
      ["Request ID", requestId],
    ]));
  return { node, charts, topTests, history, breakdowns };
}

function periodView({ start, end, elapsed }) {
  const node = el("p", { id: "period" }, el("strong", {}, period(start, end)));
  const days = (Date.parse(end) - Date.parse(start)) / DAY_MS;
  if (elapsed === undefined || !(days > 0)) return node;
  const length = Math.round(days);
  const today = Math.min(length, Math.floor(elapsed * days) + 1);
  node.append(" ", el("span", {}, elapsed < 1 ? `Day ${today} of ${length}, ${percent(elapsed)} of the period has passed` : "The period is over"));
  return node;
}

/** The age of the data. It is updated while it is on the page. */
function ageView({ at }) {
  const ageText = el("span");
  const tick = () => (ageText.textContent = `(${age((Date.now() - at) / 1000)})`);
  tick();
  const timer = setInterval(() => (ageText.isConnected ? tick() : clearInterval(timer)), AGE_EVERY_MS);
  return el("p", { id: "age" }, "Data of ", el("time", { dateTime: at.toISOString() }, clock(at)), " ", ageText);
}

function staleNotice({ at, reason }) {
  return el("p", { id: "stale", className: "notice" },
    el("strong", {}, "Older data. "),
    `The API could not be reached${reason ? `, because ${reason}` : ""}. This is its response of ${clock(at)}.`);
}
