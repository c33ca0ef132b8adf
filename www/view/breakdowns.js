import { accountOf, TABLES } from "../breakdowns.js";
import { downloadCsv } from "../download.js";
import { number, plural } from "../format.js";
import { button, el } from "./dom.js";
import { TableView } from "./table.js";

const GROUPING_LABELS = { account: "Account group", type: "Test type" };
/** Removes all filters. */
const UNFILTERED = { search: "", account: undefined, type: undefined };

/**
 * The tables of a response as tabs. Only the selected table exists.
 * @param {import("../breakdowns.js").Result} result
 * @param {import("../state.js").State} request the state of the request
 * @param {(patch: Partial<import("../state.js").State>, options?: { replace: boolean }) => void} change
 * @returns {{ node: HTMLElement, update(state: import("../state.js").State): void, unmount(): void }}
 */
export function breakdownsView(result, request, change) {
  const tables = TABLES
    .map((definition) => ({ definition, rows: definition.rows(result) }))
    .filter(({ definition, rows }) => rows !== undefined || request.expand.includes(definition.expand));
  const section = el("section", { id: "breakdowns", "aria-labelledby": "breakdowns-title" },
    el("div", { className: "section-head" }, el("h2", { id: "breakdowns-title", tabIndex: -1 }, "Breakdowns")));
  if (tables.length === 0) {
    section.append(el("p", { className: "panel empty" }, "No breakdown was requested. Choose some under “Breakdowns” above."));
    return { node: section, update() {}, unmount() {} };
  }

  const accountNames = new Map(result.accountGroups.map((group) => [accountOf(group), group.accountGroupName ?? group.aid]));
  const types = new Set(result.data.usage?.tests?.map(({ testType }) => testType));

  const tabs = tables.map(({ definition, rows }) => tab(definition, rows));
  const tabList = el("div", { role: "tablist", "aria-label": "Breakdowns", className: "tabs" }, ...tabs);
  tabList.addEventListener("keydown", moveAmongTabs);
  tabList.addEventListener("click", ({ target }) => {
    const selected = target.closest("[role=tab]");
    if (selected) select(selected.dataset.tab);
  });
  const panel = el("div", { id: "breakdown", role: "tabpanel" });
  section.append(el("div", { className: "panel" }, tabList, panel));

  let state = request;
  /** @type {ReturnType<typeof tablePanel> | undefined} */
  let current;

  /** Another table starts with its own order, without groups. */
  const select = (id) => id !== current?.id && change({ tab: id, sort: undefined, group: undefined, type: undefined });

  function tablePanel({ definition, rows }) {
    const { id, noun, columns, groupings, title } = definition;
    if (!rows?.length) {
      panel.replaceChildren(el("p", { className: "empty" }, rows ? "None in this period." : "Requested, but absent from the response."));
      return { id, show() {}, unmount() {} };
    }

    const has = (field) => columns.some((column) => column.field === field);
    const view = () => ({
      search: state.search,
      sort: has(state.sort?.field) ? state.sort : { field: definition.sort, descending: true },
      group: groupings.find((grouping) => grouping === state.group),
      account: has("aid") && accountNames.has(state.account) ? state.account : undefined,
      type: has("testType") && types.has(state.type) ? state.type : undefined,
    });
    const table = new TableView(definition, rows, (field) => {
      const { sort } = view();
      const isAmount = columns.find((column) => column.field === field).kind === "amount";
      change({ sort: { field, descending: sort.field === field ? !sort.descending : isAmount } });
    });

    const search = el("input", {
      type: "search",
      id: "search",
      placeholder: `Search ${noun}s`,
      "aria-label": `Search ${title}`,
      autocomplete: "off",
      spellcheck: false,
    });
    search.addEventListener("input", oncePerFrame(() => change({ search: search.value }, { replace: true })));
    const grouping = el("select", { id: "group" },
      el("option", { value: "" }, "No grouping"), ...groupings.map((value) => el("option", { value }, GROUPING_LABELS[value])));
    grouping.addEventListener("change", () => change({ group: grouping.value || undefined }));
    const expandAll = button("Open all groups", () => {
      const open = expandAll.dataset.open !== "true";
      expandAll.dataset.open = open;
      expandAll.textContent = open ? "Close all groups" : "Open all groups";
      table.expandAll(open);
    }, { id: "expand-all" });
    const csv = button("Download CSV", () => {
      downloadCsv(request.aid, id, columns.map(({ field }) => field), table.rows);
    }, { id: "download-csv" });
    const chips = el("div", { className: "chips" });
    const count = el("p", { id: "row-count", role: "status" });
    const noMatch = el("div", { className: "empty" },
      el("p", {}, `No ${noun} matches.`), button("Show all rows", () => change(UNFILTERED), { id: "show-all" }));
    const notPrinted = el("p", { className: "print-only empty" });

    panel.replaceChildren(
      el("div", { className: "toolbar" },
        search,
        ...(groupings.length > 0 ? [el("label", { className: "inline", htmlFor: "group" }, "Group by"), grouping] : []),
        expandAll, chips, count, csv),
      noMatch, table.node, notPrinted);
    table.mount();

    return {
      id,
      show() {
        const currentView = view();
        // Setting the same value would move the cursor.
        if (search.value !== state.search) search.value = state.search;
        grouping.value = currentView.group ?? "";
        expandAll.hidden = !currentView.group;
        table.show(currentView);
        const { filtered, all, groups } = table.counts;
        count.textContent = [
          filtered < all && `${number(filtered)} of`,
          plural(all, noun),
          groups !== undefined && `in ${plural(groups, "group")}`,
        ].filter(Boolean).join(" ");
        noMatch.hidden = filtered > 0;
        table.node.hidden = filtered === 0;
        csv.disabled = filtered === 0;
        chips.replaceChildren(
          ...chip("Account group", currentView.account && accountNames.get(currentView.account), { account: undefined }),
          ...chip("Test type", currentView.type, { type: undefined }));
        notPrinted.hidden = !table.isCut;
        notPrinted.textContent = `The ${plural(filtered, noun)} of this table are not printed. “Download CSV” saves all of them.`;
      },
      unmount: () => table.unmount(),
    };
  }

  function chip(label, text, patch) {
    if (text === undefined) return [];
    const remove = () => {
      change(patch);
      document.getElementById("search")?.focus();
    };
    return [button(`${label}: ${text}`, remove, { className: "chip", "aria-label": `Remove the filter ${label}: ${text}` })];
  }

  return {
    node: section,
    update(newState) {
      state = newState;
      const selected = tables.find(({ definition }) => definition.id === state.tab) ?? tables[0];
      const { id } = selected.definition;
      for (const node of tabs) {
        const isSelected = node.dataset.tab === id;
        node.ariaSelected = String(isSelected);
        node.tabIndex = isSelected ? 0 : -1;
      }
      panel.setAttribute("aria-labelledby", `tab-${id}`);
      if (current?.id !== id) {
        current?.unmount();
        current = tablePanel(selected);
      }
      current.show();
    },
    unmount: () => current?.unmount(),
  };
}

function tab({ id, title }, rows) {
  const count = rows ? [" ", el("span", { className: "count" }, number(rows.length))] : [];
  return el("button", { type: "button", role: "tab", id: `tab-${id}`, "data-tab": id, "aria-controls": "breakdown" }, title, ...count);
}

/** The arrow keys of the ARIA pattern for tabs. */
function moveAmongTabs(event) {
  const tabs = [...event.currentTarget.children];
  const at = tabs.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const selected = tabs.at(to % tabs.length);
  selected.focus();
  selected.click();
}

/** Runs the action at most once per frame, so the table follows each letter. */
function oncePerFrame(action) {
  let isPending = false;
  return () => {
    if (isPending) return;
    isPending = true;
    requestAnimationFrame(() => {
      isPending = false;
      action();
    });
  };
}
