import { el, facts, number, percent } from "./dom.js";

/** Where the use of a limit starts to need attention. */
const NEAR = 0.9;

/**
 * The meters, in the order of the page: the field names of `usage`, `included` that of `usage.quota`. Where the API
 * has no such field, there is none here, and no line on the page.
 */
const METERS = [
  { id: "cloud-units", title: "Cloud units", used: "cloudUnitsUsed", projected: "cloudUnitsProjected", next: "cloudUnitsNextBillingPeriod", included: "cloudUnitsIncluded" },
  { id: "enterprise-units", title: "Enterprise units", used: "enterpriseUnitsUsed", projected: "enterpriseUnitsProjected", next: "enterpriseUnitsNextBillingPeriod" },
  { id: "connected-devices", title: "Connected devices units", used: "connectedDevicesUnitsUsed", projected: "connectedDevicesUnitsProjected", next: "connectedDevicesUnitsNextBillingPeriod" },
  { id: "endpoint-agents", title: "Endpoint agents", used: "endpointAgentsUsed", included: "endpointAgentsIncluded" },
  { id: "endpoint-agents-essentials", title: "Endpoint agents Essentials", used: "endpointAgentsEssentialsUsed", included: "endpointAgentsEssentialsIncluded" },
  { id: "endpoint-agents-embedded", title: "Endpoint agents Embedded", used: "endpointAgentsEmbeddedUsed", included: "endpointAgentsEmbeddedIncluded" },
  { id: "enterprise-agents", title: "Enterprise agents", used: "enterpriseAgentsUsed", included: "enterpriseAgentsIncluded" },
];

/**
 * One card for each meter of which the answer says anything.
 * @param {import("thousandeyes-usage").UsageDetails} usage
 */
export function meters(usage) {
  const cards = readMeters(usage).map(card);
  if (cards.length === 0) return el("p", { className: "empty" }, "The answer has no totals.");
  return el("div", { id: "meters" }, ...cards);
}

/** The meters that need attention, each as a sentence. */
export function warnings(usage) {
  return readMeters(usage)
    .map((meter) => ({ meter, ...verdict(meter) }))
    .filter(({ level }) => level === "over" || level === "near")
    .map(({ meter, text }) => `${meter.title}: ${text}.`);
}

function readMeters(usage) {
  return METERS.map((meter) => ({
    ...meter,
    values: {
      used: usage[meter.used],
      projected: usage[meter.projected],
      included: usage.quota?.[meter.included],
      next: usage[meter.next],
    },
    // Agents, not units: it belongs beside the meter, but is not its limit.
    deviceAgents: meter.id === "connected-devices" ? usage.quota?.deviceAgentsIncluded : undefined,
  })).filter(({ values, deviceAgents }) => [...Object.values(values), deviceAgents].some((value) => value !== undefined));
}

function card(meter) {
  const { level, text } = verdict(meter);
  const { used, projected, included, next } = meter.values;
  return el("article", { className: "meter panel", "data-meter": meter.id, "data-level": level },
    el("h3", {}, meter.title),
    el("p", { className: "verdict" }, text),
    bar(meter.values),
    facts({}, [
      ["Used", value("used", used)],
      ["Projected", meter.projected && value("projected", projected)],
      ["Included", meter.included && value("included", included)],
      ["Next period", meter.next && value("next", next)],
      ["Device agents included", meter.deviceAgents === undefined ? undefined : number(meter.deviceAgents)],
    ]));
}

const value = (name, amount) => el("span", { "data-value": name }, number(amount));

/** @returns {{ level: "over" | "near" | "ok" | "unknown", text: string }} */
function verdict({ included: hasLimit, values: { used, projected, included } }) {
  if (!hasLimit) return { level: "unknown", text: "No included units" };
  // With metered billing the API may give 0 for what legacy billing includes: that is no limit to be over.
  if (!included) return { level: "unknown", text: "No included amount" };
  if (used > included) return { level: "over", text: `${percent(used / included - 1)} over already` };
  if (projected > included) return { level: "over", text: `${percent(projected / included - 1)} over at the end of the period` };
  if (used >= NEAR * included) return { level: "near", text: `${percent(used / included)} used, close to the limit` };
  if (projected !== undefined) return { level: "ok", text: `${percent(projected / included)} at the end of the period` };
  return used === undefined ? { level: "unknown", text: "Use not given" } : { level: "ok", text: `${percent(used / included)} used` };
}

/** A drawing of the numbers that stand below it, hence hidden from screen readers. */
function bar({ used = 0, projected = used, included = 0 }) {
  const node = el("div", { className: "bar", ariaHidden: "true" });
  const end = Math.max(used, projected, included);
  // Nothing to compare with: a full bar would look like a full quota.
  if (end === used && !included) return node;

  const part = (className, from, to) => {
    const span = el("span", { className });
    span.style.left = `${(100 * from) / end}%`;
    span.style.width = `${(100 * (to - from)) / end}%`;
    node.append(span);
  };
  if (projected > used) part("projected", used, projected);
  part("used", 0, used);
  if (included > 0 && end > included) part("excess", included, end);
  if (included > 0) part("included", included, included);
  return node;
}
