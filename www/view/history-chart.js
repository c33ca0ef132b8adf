import { compact, number, percent } from "../format.js";
import { labelOf, shortName, totalOf } from "../months.js";
import { Drawing, follow, hatch, tooltipColours } from "./charts.js";
import { amount, el } from "./dom.js";

const HEIGHT = "18.75rem";
/** The width of a label, in ems. */
const LABEL_WIDTH = 3.7;

/**
 * A stacked bar for each month, with a part for each of the largest account groups.
 *
 * @typedef {object} Content
 * @property {readonly (import("../months.js").Month & { missing?: string })[]} months oldest first; `missing` says why one has no bar
 * @property {readonly import("../months.js").Part[]} parts
 * @property {ReadonlyMap<string | undefined, number>} colours the number of each account group's colour
 */
export class HistoryChart extends Drawing {
  /** @type {Content} */
  #content = { months: [], parts: [], colours: new Map() };
  #summary = el("p");
  #legend = el("ul", { className: "legend", "aria-hidden": "true" });
  canvas = el("canvas", { role: "img" });
  #table = el("div", { className: "wide", tabIndex: 0, role: "group", "aria-label": "Units by account group and month" });
  #followed = follow([this]);

  node = el("figure", { className: "panel" },
    el("figcaption", {}, el("h3", {}, "Cloud units by account group"), this.#summary),
    this.#legend,
    el("div", { className: "canvas-box" }, this.canvas),
    el("details", { className: "as-table" }, el("summary", {}, "As a table"), this.#table));

  constructor() {
    super();
    this.canvas.parentNode.style.height = HEIGHT;
  }

  /** Shows the content. The node must be in the page. @param {Content} content */
  show(content) {
    this.#content = content;
    const { months, parts } = content;
    const [largest] = parts;
    const total = parts.reduce((sum, part) => sum + part.total, 0);
    const all = months.some(({ missing }) => missing) ? "all in the months that are loaded" : "all";
    const summary = largest
      ? `${largest.label} has used the most: ${compact(largest.total)}, ${percent(largest.total / total)} of ${all}.`
      : "No units in these months.";
    this.#summary.textContent = summary;
    this.canvas.setAttribute("aria-label", `A bar chart of each month. ${summary} The table below it has the numbers.`);
    for (const node of [this.#legend, this.canvas.parentNode, this.#table.parentNode]) node.hidden = !largest;
    this.#legend.replaceChildren(
      ...parts.map((part) => el("li", { className: `key part-${this.#colourOf(part)}` }, part.label)),
      el("li", { className: "key so-far" }, shortName(months.at(-1))));
    this.#table.replaceChildren(asTable(content));
    this.#followed.draw();
  }

  configuration(palette) {
    return configuration(this.#content, palette, (part) => palette.parts[this.#colourOf(part)] ?? palette.others);
  }

  unmount() {
    this.#followed.unmount();
  }

  #colourOf(part) {
    return part.isOthers ? "others" : this.#content.colours.get(part.key);
  }
}

/** The text alternative. */
function asTable({ months, parts }) {
  const header = (text) => el("th", { scope: "col", className: "amount-cell" }, text);
  const cell = (value) => el("td", { className: "amount-cell" }, amount(value));
  return el("table", { className: "plain" },
    el("thead", {}, el("tr", {},
      el("th", { scope: "col" }, "Account group"), ...months.map((month) => header([shortName(month), month.missing].filter(Boolean).join(": "))), header("Total"))),
    el("tbody", {}, ...[...parts, totalOf(parts, "Total")].map(({ label, values, total }) => (
      el("tr", {}, el("th", { scope: "row" }, label), ...values.map(cell), cell(total))))));
}

function configuration({ months, parts }, palette, colourOf) {
  const labelAt = ({ width }, i) => labelOf(months, i, Math.ceil((months.length * LABEL_WIDTH * palette.fontSize) / width));
  const ticks = { color: palette.muted, font: { family: palette.font, size: palette.fontSize } };
  return {
    type: "bar",
    data: {
      labels: months.map(({ startDate }) => startDate),
      datasets: parts.map((part) => ({
        label: part.label,
        data: part.values,
        backgroundColor: months.map(({ endDate }) => (endDate === undefined ? hatch(colourOf(part)) : colourOf(part))),
        // A line between two parts, so that they differ by more than their colours.
        borderColor: palette.surface,
        borderWidth: { top: 1 },
        borderSkipped: false,
        maxBarThickness: 72,
        categoryPercentage: 0.8,
        barPercentage: 1,
      })),
    },
    options: {
      maintainAspectRatio: false,
      // Without animation, reduced motion needs no special case.
      animation: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          border: { color: palette.line },
          ticks: { ...ticks, maxRotation: 0, autoSkip: false, callback(_, i) { return labelAt(this.chart, i); } },
        },
        y: {
          stacked: true,
          border: { display: false },
          grid: { color: palette.line },
          ticks: { ...ticks, maxTicksLimit: 6, callback: (value) => compact(value) },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipColours(palette),
          // In the order of the bar.
          reverse: true,
          boxPadding: 4,
          multiKeyBackground: palette.tooltip,
          filter: ({ raw }) => raw !== undefined,
          callbacks: {
            title: ([item]) => item && shortName(months[item.dataIndex]),
            label: ({ dataset, raw }) => `${dataset.label}: ${number(raw)}`,
            labelColor({ datasetIndex }) {
              const colour = colourOf(parts[datasetIndex]);
              return { backgroundColor: colour, borderColor: colour };
            },
            footer: (items) => items.length > 1 && `Total: ${number(items.reduce((sum, { raw }) => sum + raw, 0))}`,
          },
        },
      },
    },
  };
}
