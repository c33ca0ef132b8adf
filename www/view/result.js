import { el, facts, number, period, plural } from "./dom.js";
import { meters } from "./meters.js";
import { breakdowns } from "./tables.js";

/**
 * @param {import("thousandeyes-usage").UsageResponse} response
 * @param {{ isSample: boolean, expand: readonly string[] }} request
 */
export function resultView({ data, status, requestId, rateLimit, attempts }, { isSample, expand }) {
  const usage = data.usage ?? {};
  const heading = el("h2", {}, "Usage ", el("span", { id: "period" }, period(usage.quota?.monthStart, usage.quota?.monthEnd)));
  if (isSample) heading.append(" ", el("span", { id: "sample-badge" }, "Sample data"));

  return el("div", { id: "usage" },
    heading,
    el("p", { className: "legend", ariaHidden: "true" },
      el("span", { className: "key used" }, "Used"),
      el("span", { className: "key projected" }, "Projected"),
      el("span", { className: "key included" }, "Included")),
    meters(usage),
    el("h2", {}, "Breakdowns"),
    breakdowns(usage, expand),
    rawJson(data),
    facts({ id: "response-facts" }, [
      ["HTTP status", String(status)],
      ["Attempts", number(attempts)],
      ["Rate limit", rateLimit && `${number(rateLimit.remaining)} of ${plural(rateLimit.limit, "request")} left`],
      ["Request ID", requestId],
    ]));
}

function rawJson(data) {
  const text = () => JSON.stringify(data, null, 2);
  const code = el("code");
  const copy = el("button", { id: "copy-json", type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(text()).then(() => true, () => false);
    copy.textContent = copied ? "Copied" : "Not allowed: select it and copy";
    setTimeout(() => (copy.textContent = "Copy"), 3000);
  });
  const pre = el("pre", { tabIndex: 0, role: "region", ariaLabel: "Raw JSON" }, code);
  const details = el("details", { id: "raw", className: "panel" }, el("summary", {}, "Raw JSON"), copy, pre);
  // Half a megabyte of text is worth its time only to those who look at it.
  details.addEventListener("toggle", () => (code.textContent = text()), { once: true });
  return details;
}
