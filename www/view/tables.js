import { ABSENT, el, number, plural } from "./dom.js";

const GROUP = ["accountGroupName", "Account group"];
const AID = ["aid", "Group ID"];
const amount = (field, label) => [field, label, "number"];

/** The breakdowns: the field of `usage`, the `expand` value that asks for it, and its columns. */
const BREAKDOWNS = [
  {
    field: "tests", expand: "test", title: "Tests", wide: true,
    columns: [["testName", "Test"], amount("cloudUnitsUsed", "Used"), amount("cloudUnitsProjected", "Projected"), ["testType", "Type"], GROUP, ["testId", "Test ID"], AID],
  },
  {
    field: "enterpriseAgentUnits", expand: "enterprise-agent-unit", title: "Enterprise agent units", wide: true,
    columns: [["agentName", "Agent"], amount("enterpriseUnitsUsed", "Used"), amount("enterpriseUnitsProjected", "Projected"), GROUP, ["agentId", "Agent ID"], AID],
  },
  { field: "enterpriseAgents", expand: "enterprise-agent", title: "Enterprise agents", columns: [GROUP, amount("enterpriseAgentsUsed", "Used"), AID] },
  { field: "endpointAgents", expand: "endpoint-agent", title: "Endpoint agents", columns: [GROUP, amount("endpointAgentsUsed", "Used"), AID] },
  { field: "endpointAgentsEssentials", expand: "endpoint-agent-essential", title: "Endpoint agents Essentials", columns: [GROUP, amount("endpointAgentsEssentialsUsed", "Used"), AID] },
  { field: "endpointAgentsEmbedded", expand: "endpoint-agent-embedded", title: "Endpoint agents Embedded", columns: [GROUP, amount("endpointAgentsEmbeddedUsed", "Used"), AID] },
];

const collator = new Intl.Collator("en-GB", { numeric: true });

/**
 * A table for each breakdown that was asked for or has come, and one for the allocations.
 * @param {import("thousandeyes-usage").UsageDetails} usage
 * @param {readonly string[]} expand
 */
export function breakdowns(usage, expand) {
  const sections = BREAKDOWNS
    .filter(({ field, expand: value }) => usage[field] !== undefined || expand.includes(value))
    .map((breakdown) => section(breakdown, usage[breakdown.field]));
  if (usage.allocations) sections.push(allocations(usage.allocations));
  return el("div", { id: "breakdowns" }, ...sections);
}

function allocations({ used, projected, allocations: rows }) {
  const columns = [["productName", "Product"], amount("allocatedUnits", "Allocated units")];
  const node = section({ field: "allocations", title: "Unit allocations", columns }, rows);
  node.append(el("p", { className: "note" }, `Used ${number(used)}, projected ${number(projected)} over all products.`));
  return node;
}

function section({ field, title, columns, wide = false }, rows) {
  const id = `breakdown-${field}`;
  const count = rows === undefined ? ABSENT : plural(rows.length, "row");
  const heading = el("h3", { id }, title, " ", el("span", { className: "count" }, count));
  const node = el("section", { className: wide ? "breakdown panel wide" : "breakdown panel", "data-breakdown": field }, heading);
  if (rows === undefined) node.append(el("p", { className: "empty" }, "Asked for, but absent from the answer."));
  else if (rows.length === 0) node.append(el("p", { className: "empty" }, "None in this period."));
  else {
    // A box that scrolls has to be reachable by keyboard, and then needs a name.
    const box = el("div", { className: "scroll", tabIndex: 0, role: "region" }, table(`${title}, ${count}`, columns, rows));
    box.setAttribute("aria-labelledby", id);
    node.append(box);
  }
  return node;
}

function table(caption, columns, rows) {
  const body = el("tbody");
  const lines = rows.map((row) => ({ row, line: el("tr", {}, ...columns.map((column, i) => cell(row, column, i === 0))) }));
  const show = () => body.append(...lines.map(({ line }) => line));
  show();

  const headers = columns.map(([field, label, kind]) => {
    const button = el("button", { type: "button" }, label);
    const header = el("th", { scope: "col", className: kind ?? "" }, button);
    button.addEventListener("click", () => {
      const descending = header.ariaSort ? header.ariaSort === "ascending" : kind === "number";
      for (const other of headers) other.ariaSort = null;
      header.ariaSort = descending ? "descending" : "ascending";
      lines.sort((a, b) => compare(a.row[field], b.row[field], descending ? -1 : 1));
      show();
    });
    return header;
  });
  return el("table", {}, el("caption", { className: "visually-hidden" }, caption), el("thead", {}, el("tr", {}, ...headers)), body);
}

function cell(row, [field, , kind], isRowHeader) {
  const value = row[field];
  const text = kind === "number" ? number(value) : value ?? ABSENT;
  return isRowHeader ? el("th", { scope: "row" }, text) : el("td", { className: kind ?? "" }, text);
}

/** What is absent comes last in either direction. */
function compare(a, b, direction) {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return direction * (typeof a === "number" ? a - b : collator.compare(a, b));
}
