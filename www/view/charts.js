import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from "chart.js";

import { accountOf, byTestType, plus, units } from "../breakdowns.js";
import { ABSENT, compact, number, percent, plural } from "../format.js";
import { COLOURS } from "../months.js";
import { amount, button, el, remInPixels } from "./dom.js";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

const MAX_BARS = 12;
const BAR_HEIGHT_REM = 1.75;
/** The share of the width that labels may take. */
const LABEL_SHARE = 0.42;

/**
 * @param {import("../breakdowns.js").Result} result
 * @param {(patch: Partial<import("../state.js").State>) => void} filter called with the filter of the selected bar
 * @returns {{ node: HTMLElement, mount(): void, unmount(): void }} call `mount` when the node is in the page
 */
export function chartsView({ data, accountGroups }, filter) {
  const tests = data.usage?.tests;
  const node = el("section", { id: "charts", "aria-labelledby": "charts-title" },
    el("div", { className: "section-head" },
      el("h2", { id: "charts-title" }, "Cloud units"),
      el("p", { className: "legend", "aria-hidden": "true" },
        el("span", { className: "key used" }, "Used"), el("span", { className: "key projected" }, "Projected"))));
  if (!tests?.length) {
    node.append(el("p", { className: "panel empty" }, "The charts need the breakdown “Tests”, which was not requested or is empty."));
    return { node, mount() {}, unmount() {} };
  }

  const accounts = accountGroups.filter((group) => units(group) > 0)
    .map((group) => ({ ...group, label: group.accountGroupName ?? group.aid ?? ABSENT, patch: { account: accountOf(group), type: undefined } }));
  const types = byTestType(tests)
    .map((sums) => ({ ...sums, label: sums.testType ?? ABSENT, patch: { type: sums.testType, account: undefined } }));
  const figures = [
    new Figure("by-account-group", "By account group", "Account group", accounts, filter),
    new Figure("by-test-type", "By test type", "Test type", types, filter),
  ];
  node.append(el("div", { className: "figures" }, ...figures.map((figure) => figure.node)));

  const withoutProjection = tests.filter((test) => test.cloudUnitsProjected === undefined).length;
  if (withoutProjection > 0) {
    node.append(el("p", { className: "note" },
      `${plural(withoutProjection, "new test")} ${withoutProjection === 1 ? "has" : "have"} no projection yet. The charts include only what they have used.`));
  }
  const { draw, unmount } = follow(figures);
  return { node, mount: draw, unmount };
}

/** A chart on `canvas`, which `configuration(palette)` describes. */
export class Drawing {
  #chart;

  draw(palette) {
    this.#chart?.destroy();
    this.#chart = new Chart(this.canvas, this.configuration(palette));
  }

  /** Resizes at once, because the browser does not wait for an observer before it prints. */
  resize() {
    this.#chart?.resize();
  }

  destroy() {
    this.#chart?.destroy();
  }
}

class Figure extends Drawing {
  constructor(id, title, heading, rows, filter) {
    super();
    const totalUnits = rows.reduce((total, row) => total + units(row), 0);
    const bars = rows.slice(0, MAX_BARS);
    const others = othersOf(rows.slice(MAX_BARS));
    const [largest] = rows;
    const verb = largest && units(largest) === largest.cloudUnitsProjected ? "is projected to use" : "has used";
    const summary = [
      largest ? `${largest.label} ${verb} the most: ${compact(units(largest))}, ${percent(units(largest) / totalUnits)} of all.` : "No units in this period.",
      // A bar for them would make the other bars too short.
      ...(others ? [`The ${others.label} have ${compact(units(others))} together.`] : []),
    ].join(" ");
    const choose = (row) => row.patch && filter({ tab: "tests", ...row.patch });

    this.canvas = el("canvas", { role: "img", "aria-label": `${title}: a bar chart. ${summary} The table below it has the numbers.` });
    const box = el("div", { className: "canvas-box" }, this.canvas);
    box.style.height = `calc(${bars.length * BAR_HEIGHT_REM}rem + 30px)`;
    this.node = el("figure", { id, className: "panel" },
      el("figcaption", {}, el("h3", {}, title), el("p", {}, summary)),
      box,
      el("details", { className: "as-table" }, el("summary", {}, "As a table"), asTable(heading, title, others ? [...bars, others] : bars, choose)));
    this.configuration = (palette) => configuration(bars, palette, choose);
  }
}

/** @param {readonly Record<string, any>[]} rows the rows without a bar */
function othersOf(rows) {
  if (rows.length === 0) return undefined;
  const total = (field) => rows.reduce((sum, row) => plus(sum, row[field]), undefined);
  return {
    label: plural(rows.length, "other"),
    cloudUnitsUsed: total("cloudUnitsUsed"),
    cloudUnitsProjected: total("cloudUnitsProjected"),
  };
}

/** The text alternative. Its buttons do the same as a click on a bar. */
function asTable(heading, title, bars, choose) {
  const row = (bar) => el("tr", {},
    el("th", { scope: "row" }, bar.patch ? button(bar.label, () => choose(bar), { className: "link" }) : bar.label),
    el("td", { className: "amount-cell" }, amount(bar.cloudUnitsUsed)),
    el("td", { className: "amount-cell" }, amount(bar.cloudUnitsProjected)));
  return el("table", { className: "plain" },
    el("caption", { className: "visually-hidden" }, `${title}. A button shows the tests of its row.`),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, heading),
      el("th", { scope: "col", className: "amount-cell" }, "Used"), el("th", { scope: "col", className: "amount-cell" }, "Projected"))),
    el("tbody", {}, ...bars.map(row)));
}

function configuration(bars, palette, choose) {
  const used = bars.map((bar) => bar.cloudUnitsUsed ?? 0);
  const bar = { borderSkipped: false, borderWidth: 1, borderColor: palette.accent, barPercentage: 0.72, categoryPercentage: 1 };
  return {
    type: "bar",
    data: {
      labels: bars.map(({ label }) => label),
      datasets: [
        { label: "Used", data: used, backgroundColor: palette.accent, ...bar },
        { label: "Still to come", data: bars.map((row, i) => Math.max(0, (row.cloudUnitsProjected ?? 0) - used[i])), backgroundColor: hatch(palette.accent), ...bar },
      ],
    },
    options: {
      indexAxis: "y",
      maintainAspectRatio: false,
      // Without animation, reduced motion needs no special case.
      animation: false,
      font: { family: palette.font },
      layout: { padding: { right: 4.7 * palette.fontSize } },
      interaction: { mode: "index", axis: "y", intersect: false },
      onClick: (_, [element]) => element && choose(bars[element.index]),
      onHover: ({ native }, [element]) => (native.target.style.cursor = element && bars[element.index].patch ? "pointer" : ""),
      scales: {
        // The axis ends with the longest bar. A rounder number would waste space on a narrow screen.
        x: { stacked: true, display: false, max: Math.max(...bars.map(units)) || undefined },
        y: {
          stacked: true,
          border: { display: false },
          grid: { display: false },
          afterFit: (scale) => (scale.width = Math.min(scale.width, scale.chart.width * LABEL_SHARE)),
          ticks: { color: palette.text, autoSkip: false, font: { family: palette.font, size: palette.fontSize }, callback(_, i) { return shortened(this, bars[i].label); } },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipColours(palette),
          displayColors: false,
          callbacks: {
            label: ({ datasetIndex, dataIndex: i }) => (datasetIndex === 0
              ? `Used: ${number(bars[i].cloudUnitsUsed)}`
              : `Projected: ${number(bars[i].cloudUnitsProjected)}`),
          },
        },
      },
    },
    plugins: [{ id: "labels", afterDatasetsDraw: (chart) => drawLabels(chart, bars, palette) }],
  };
}

export const tooltipColours = ({ tooltip, tooltipText, font, fontSize }) => ({
  backgroundColor: tooltip,
  titleColor: tooltipText,
  bodyColor: tooltipText,
  footerColor: tooltipText,
  titleFont: { family: font, size: fontSize },
  bodyFont: { family: font, size: fontSize },
  footerFont: { family: font, size: fontSize },
});

/** Draws each number beside its bar, so the chart needs no axis. */
function drawLabels(chart, bars, palette) {
  const { ctx } = chart;
  ctx.save();
  ctx.font = `600 ${palette.fontSize}px ${palette.font}`;
  ctx.fillStyle = palette.text;
  ctx.textBaseline = "middle";
  const ends = [0, 1].map((dataset) => chart.getDatasetMeta(dataset).data);
  bars.forEach((bar, i) => ctx.fillText(compact(units(bar)), Math.max(...ends.map((elements) => elements[i].x)) + 6, ends[0][i].y));
  ctx.restore();
}

/** The part of a label that fits beside the bars. */
function shortened(scale, label) {
  const { ctx, width } = scale.chart;
  const room = Math.min(width * LABEL_SHARE, scale.maxWidth) - 20;
  ctx.save();
  ctx.font = `${scale.options.ticks.font.size}px ${scale.options.ticks.font.family}`;
  let text = label;
  while (text.length > 4 && ctx.measureText(text).width > room) text = `${text.slice(0, -2).trimEnd()}…`;
  ctx.restore();
  return text;
}

/** Stripes, so a bar that is not final differs by more than its colour. @param {string} colour */
export function hatch(colour) {
  const size = 8;
  const tile = el("canvas", { width: size, height: size });
  const ctx = tile.getContext("2d");
  ctx.fillStyle = ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.22;
  ctx.fillRect(0, 0, size, size);
  ctx.globalAlpha = 1;
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (const x of [-size, 0, size]) {
    ctx.moveTo(x - 1, size + 1);
    ctx.lineTo(x + size + 1, -1);
  }
  ctx.stroke();
  return ctx.createPattern(tile, "repeat");
}

/** Draws in the colours of the page, draws again when they change, and uses those of paper for printing. */
export function follow(figures) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const print = matchMedia("print");
  const draw = (isPrint) => {
    for (const figure of figures) figure.draw(paletteOf(isPrint ? document.getElementById("paper") : document.body));
  };
  const onScreen = () => draw(print.matches);
  const onPrint = () => {
    draw(true);
    for (const figure of figures) figure.resize();
  };
  const listeners = [[dark, "change", onScreen], [print, "change", onScreen], [window, "beforeprint", onPrint], [window, "afterprint", () => draw(false)]];
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener);
  return {
    draw: onScreen,
    unmount() {
      for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
      for (const figure of figures) figure.destroy();
    },
  };
}

/** The colours of the style sheet, for the canvas. */
function paletteOf(element) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    accent: colour("--accent"),
    text: colour("--text"),
    muted: colour("--muted"),
    line: colour("--line"),
    surface: colour("--surface"),
    parts: Array.from({ length: COLOURS }, (_, i) => colour(`--part-${i}`)),
    others: colour("--part-others"),
    tooltip: colour("--text"),
    tooltipText: colour("--surface"),
    font: style.fontFamily,
    // On a phone, larger labels would leave no room for the bars.
    fontSize: Math.min(0.75 * remInPixels(), innerWidth / 22),
  };
}
