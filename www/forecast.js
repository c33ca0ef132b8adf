/** The forecast of a meter: its urgency, and its text. */
import { day, percent } from "./format.js";

/** The share of a limit from which it needs attention. */
const NEAR = 0.9;

/** The title of each meter, and what it counts. */
export const METERS = {
  cloudUnits: { title: "Cloud units", noun: "units" },
  enterpriseUnits: { title: "Enterprise units", noun: "units" },
  connectedDevicesUnits: { title: "Connected devices units", noun: "units" },
  endpointAgents: { title: "Endpoint agents", noun: "agents", isPeak: true },
  endpointAgentsEssentials: { title: "Endpoint Essentials", noun: "agents", isPeak: true },
  endpointAgentsEmbedded: { title: "Endpoint Embedded", noun: "agents", isPeak: true },
  enterpriseAgents: { title: "Enterprise agents", noun: "agents" },
};

/**
 * The most urgent level is first. If 0 is included, the meter is billed in another way and has no limit.
 * @typedef {"over" | "soon-over" | "near" | "fine" | "no-limit"} Level
 */
const LEVELS = ["over", "soon-over", "near", "fine", "no-limit"];

/**
 * @param {import("thousandeyes-usage").MeterSummary} meter
 * @returns {Level}
 */
export function level({ used, projected, included, exhaustsAt }) {
  if (!(included > 0) || (used ?? projected) === undefined) return "no-limit";
  if (used > included) return "over";
  if (projected > included) return "soon-over";
  return Math.max(used ?? 0, projected ?? 0) >= NEAR * included || exhaustsAt ? "near" : "fine";
}

/** The most urgent meters first. @param {readonly import("thousandeyes-usage").MeterSummary[]} meters */
export function byDanger(meters) {
  const rank = (meter) => LEVELS.indexOf(level(meter));
  const share = ({ utilisation, projectedUtilisation }) => projectedUtilisation ?? utilisation ?? 0;
  return [...meters].sort((a, b) => rank(a) - rank(b) || share(b) - share(a));
}

/** Whether the organisation does not use what the meter counts. @param {import("thousandeyes-usage").MeterSummary} meter */
export const isUnused = ({ used, projected, included, nextPeriod }) =>
  [used, projected, included, nextPeriod].every((value) => !value);

/** The level as a short text. @param {import("thousandeyes-usage").MeterSummary} meter */
export function verdict(meter) {
  return {
    "over": "Over quota",
    "soon-over": "Will go over",
    "near": "Close to limit",
    "fine": "Within quota",
    "no-limit": meter.included === 0 ? "Nothing included" : "No quota",
  }[level(meter)];
}

/**
 * The forecast, in sentences. `amount` formats a number, which may need markup.
 * @template T
 * @param {import("thousandeyes-usage").MeterSummary} meter
 * @param {(value: number) => T} amount
 * @returns {(string | T)[]}
 */
export function forecast(meter, amount) {
  const { used, projected, included, overage, utilisation, projectedUtilisation, exhaustsAt } = meter;
  const { noun, isPeak } = METERS[meter.meter];
  const parts = [];

  if (used > included && included > 0) {
    parts.push(amount(overage), ` ${noun} over already (${percent(utilisation - 1)}). `);
  }
  if (projected !== undefined) {
    parts.push("On course for ", amount(projected), ...against(projectedUtilisation), ". ");
  } else if (used <= included && included > 0) {
    parts.push(amount(included - used), ` ${noun} left. `);
  }
  if (isPeak && used !== undefined) parts.push("The busiest hour of the period counts, so it can only rise. ");
  if (exhaustsAt && !(used > included)) {
    parts.push(`At this rate the included ${noun} are used up on ${day(exhaustsAt)}. `);
  }
  if (included === undefined) parts.push("There is no quota to compare it with. ");
  if (parts.length === 0) parts.push("The response has no forecast. ");
  parts.push(parts.pop().trimEnd());
  return parts;
}

function against(share) {
  if (share === undefined) return [];
  return share > 1 ? [`, ${percent(share - 1)} over`] : [`, ${percent(share)} of what is included`];
}
