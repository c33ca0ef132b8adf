import { byDanger, forecast, isUnused, level, METERS, verdict } from "../forecast.js";
import { number, percent } from "../format.js";
import { amount, el, facts } from "./dom.js";

/**
 * A card for each meter in use, the most urgent first.
 * @param {readonly import("thousandeyes-usage").MeterSummary[]} meters
 */
export function metersView(meters) {
  const used = byDanger(meters.filter((meter) => !isUnused(meter)));
  const unused = meters.filter(isUnused);
  const section = el("section", { id: "meters", "aria-labelledby": "meters-title" },
    el("div", { className: "section-head" },
      el("h2", { id: "meters-title" }, "Quotas"),
      el("p", { className: "legend", "aria-hidden": "true" },
        el("span", { className: "key used" }, "Used"),
        el("span", { className: "key projected" }, "Projected"),
        el("span", { className: "key excess" }, "Over"),
        el("span", { className: "key included" }, "Included"))));
  if (used.length > 0) section.append(el("div", { className: "cards" }, ...used.map(card)));
  else section.append(el("p", { className: "panel empty" }, "The response has no totals."));
  if (unused.length > 0) section.append(notInUse(unused));
  return section;
}

/** A sentence for the status line for each meter that is or will be over its limit. */
export const warnings = (meters) =>
  byDanger(meters)
    .filter((meter) => ["over", "soon-over"].includes(level(meter)))
    .map((meter) => `${METERS[meter.meter].title}: ${verdict(meter).toLowerCase()}.`);

function card(meter) {
  const { title } = METERS[meter.meter];
  const { used, projected, included, nextPeriod } = meter;
  const isUnits = METERS[meter.meter].noun === "units";
  return el("article", { className: "meter panel", "data-meter": meter.meter, "data-level": level(meter) },
    el("header", {}, el("h3", {}, title), el("p", { className: "verdict" }, verdict(meter))),
    headline(meter),
    ...bar(meter),
    el("p", { className: "forecast" }, ...forecast(meter, amount)),
    facts({}, [
      ["Used", amount(used)],
      ["Projected", isUnits && amount(projected)],
      ["Included", amount(included)],
      ["Next period", isUnits && amount(nextPeriod)],
    ]));
}

/** The most important number of the meter. */
function headline({ meter, used, projected, utilisation, projectedUtilisation }) {
  const share = projectedUtilisation ?? utilisation;
  const line = (figure, words) => el("p", { className: "headline" }, el("strong", {}, figure), " ", el("span", {}, words));
  if (share === undefined) return line(amount(projected ?? used), projected === undefined ? "used so far" : "projected, without a quota");
  return line(percent(share), projectedUtilisation === undefined
    ? `of the included ${METERS[meter].noun} used`
    : `of the included ${METERS[meter].noun} projected`);
}

/** A drawing of the numbers below it, if there is a projection or a quota. It is hidden from screen readers. */
function bar({ used = 0, projected = used, included = 0 }) {
  const node = el("div", { className: "bar", "aria-hidden": "true" });
  const end = Math.max(used, projected, included);
  // A full bar would look like a full quota, and an empty one like no use.
  if (end === used && !(included > 0)) return [];

  const part = (className, from, to) => {
    if (to <= from) return;
    const span = el("span", { className });
    span.style.left = `${(100 * from) / end}%`;
    span.style.width = `${(100 * (to - from)) / end}%`;
    node.append(span);
  };
  const limit = included > 0 ? included : Infinity;
  part("projected", used, Math.min(projected, limit));
  part("used", 0, Math.min(used, limit));
  part("excess", limit, Math.max(used, projected));
  if (included > 0) {
    const mark = el("i", { className: "included" });
    mark.style.left = `${(100 * included) / end}%`;
    node.append(mark);
  }
  return [node];
}

/** Meters that the organisation does not use are lines, not cards. */
function notInUse(meters) {
  const item = ({ meter, used, projected }) => el("li", {},
    `${METERS[meter].title}: ${number(used)} used${projected === undefined ? "" : `, ${number(projected)} projected`}`);
  return el("details", { id: "unused" },
    el("summary", {}, `Not in use (${meters.length})`),
    el("ul", {}, ...meters.map(item)));
}
