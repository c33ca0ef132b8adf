import { ABSENT, number, share } from "../format.js";
import { el } from "./dom.js";

/**
 * The tests with the most projected units.
 * @param {readonly import("thousandeyes-usage").TestUsage[]} tests
 * @param {number} [total] the projected units of the organisation
 */
export function topTestsView(tests, total) {
  if (tests.length === 0) return { node: el("div", { hidden: true }) };
  const header = (label, className = "") => el("th", { scope: "col", className }, label);
  const shareOf = ({ cloudUnitsProjected }) => (total > 0 && cloudUnitsProjected !== undefined ? cloudUnitsProjected / total : undefined);
  const row = (test) => el("tr", {},
    el("th", { scope: "row" }, test.testName ?? ABSENT),
    el("td", { className: "wide-only" }, test.accountGroupName ?? ABSENT),
    el("td", { className: "wide-only" }, test.testType ?? ABSENT),
    el("td", { className: "amount-cell" }, number(test.cloudUnitsUsed)),
    el("td", { className: "amount-cell" }, number(test.cloudUnitsProjected)),
    el("td", { className: "amount-cell wide-only" }, share(shareOf(test))));
  const node = el("section", { id: "top-tests", "aria-labelledby": "top-tests-title" },
    el("div", { className: "section-head" }, el("h2", { id: "top-tests-title" }, `Top ${number(tests.length)} tests by projected units`)),
    el("div", { className: "panel", tabIndex: 0, role: "group", "aria-labelledby": "top-tests-title" },
      el("table", { className: "plain" },
        el("thead", {}, el("tr", {},
          header("Test"), header("Account group", "wide-only"), header("Type", "wide-only"),
          header("Used", "amount-cell"), header("Projected", "amount-cell"), header("Share", "amount-cell wide-only"))),
        el("tbody", {}, ...tests.map(row)))));
  return { node };
}
