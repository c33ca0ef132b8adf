/**
 * A table of any length. @tanstack/table-core orders the rows, @tanstack/virtual-core chooses those that are rendered, and this
 * file creates the elements and their ARIA attributes.
 */
import {
  columnFilteringFeature, columnGroupingFeature, constructAggregationFn, constructTable, createExpandedRowModel,
  createFilteredRowModel, createGroupedRowModel, createSortedRowModel, rowAggregationFeature, rowExpandingFeature,
  rowSortingFeature, tableFeatures,
} from "@tanstack/table-core";
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";

import { accountOf, plus } from "../breakdowns.js";
import { ABSENT, number, plural } from "../format.js";
import { el, remInPixels } from "./dom.js";

/** Up to this number, all rows are rendered, so the browser prints them and its search finds them. */
const RENDER_ALL_UP_TO = 100;
const OVERSCAN = 12;

const features = tableFeatures({
  coreReactivityFeature: storeReactivityBindings(),
  columnFilteringFeature, filteredRowModel: createFilteredRowModel(),
  columnGroupingFeature, groupedRowModel: createGroupedRowModel(),
  rowAggregationFeature,
  rowSortingFeature, sortedRowModel: createSortedRowModel(),
  rowExpandingFeature, expandedRowModel: createExpandedRowModel(),
});

const collator = new Intl.Collator("en-GB", { numeric: true });
const byText = (a, b, id) => collator.compare(a.getValue(id), b.getValue(id));
const byNumber = (a, b, id) => a.getValue(id) - b.getValue(id);
const equals = (row, id, value) => row.getValue(id) === value;
const hasWords = (row, id, words) => words.every((word) => row.getValue(id).includes(word));
const sum = constructAggregationFn({
  aggregate: ({ rows, getValue }) => rows.reduce((total, row) => plus(total, getValue(row)), undefined),
});

/** Hidden columns, for filters and groups. */
function hiddenColumns({ columns }) {
  const texts = columns.filter(({ kind }) => kind !== "amount").map(({ field }) => field);
  return [
    { id: "words", accessorFn: (row) => texts.map((field) => row[field] ?? "").join("\n").toLowerCase(), filterFn: hasWords },
    { id: "account", accessorFn: accountOf, filterFn: equals },
    { id: "type", accessorFn: (row) => row.testType, filterFn: equals },
  ];
}

/**
 * @typedef {object} View
 * @property {string} search
 * @property {{ field: string, descending: boolean }} sort
 * @property {"account" | "type"} [group]
 * @property {string} [account]
 * @property {string} [type]
 */

export class TableView {
  #definition;
  #table;
  #virtualizer;
  #unmount;
  #body = el("tbody", { role: "rowgroup" });
  #headers = [];
  /** @type {Map<string, HTMLElement>} the rendered rows by their IDs */
  #rendered = new Map();
  #visible = [];
  #view;

  /**
   * @param {import("../breakdowns.js").Table} definition
   * @param {readonly Record<string, any>[]} rows
   * @param {(field: string) => void} onSort
   */
  constructor(definition, rows, onSort) {
    this.#definition = definition;
    const { columns, title } = definition;
    this.#table = constructTable({
      features,
      data: rows,
      columns: [
        ...columns.map(({ field, kind }) => ({
          id: field,
          accessorFn: (row) => row[field],
          sortFn: kind === "amount" ? byNumber : byText,
          sortUndefined: "last",
          aggregationFn: kind === "amount" ? sum : undefined,
        })),
        ...hiddenColumns(definition),
      ],
      groupedColumnMode: false,
      // An open group stays open while the search changes.
      autoResetAll: false,
    });

    this.#headers = columns.map(({ field, label, kind }) => {
      const button = el("button", { type: "button" }, label);
      button.addEventListener("click", () => onSort(field));
      return { field, cell: el("th", { role: "columnheader", scope: "col", className: kind }, button) };
    });
    this.table = el("table", {
      role: "table",
      className: columns.some(({ kind }) => kind === "text") ? "rows" : "rows of-numbers",
      "aria-label": title,
      "aria-colcount": columns.length,
    },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row", "aria-rowindex": 1 }, ...this.#headers.map(({ cell }) => cell))),
      this.#body);
    this.table.style.setProperty("--columns", columns.map(({ width }) => width).join(" "));
    // A scrollable box must be reachable by keyboard, so it needs a name.
    this.node = el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": `${title}, scrollable` }, this.table);
    this.#body.addEventListener("click", ({ target }) => {
      const id = target.closest("button")?.closest("tr").dataset.row;
      if (id !== undefined) this.#toggle(id);
    });
  }

  /** Call it when the node is in the page. */
  mount() {
    this.#virtualizer = new Virtualizer(this.#virtualizerOptions());
    const unmountVirtualizer = this.#virtualizer._didMount();
    this.#virtualizer._willUpdate();
    // The height of the rows depends on the width of the table and the size of its text.
    const observer = new ResizeObserver(() => this.#arrange());
    observer.observe(this.table.tHead);
    this.#unmount = () => {
      observer.disconnect();
      unmountVirtualizer();
    };
  }

  unmount() {
    this.#unmount?.();
  }

  /** @param {View} view */
  show(view) {
    this.#view = view;
    const { search, sort, group, account, type } = view;
    const filters = [
      { id: "words", value: search.toLowerCase().split(/\s+/).filter(Boolean) },
      { id: "account", value: account },
      { id: "type", value: type },
    ];
    this.#table.setColumnFilters(filters.filter(({ value }) => value !== undefined && value.length > 0));
    this.#table.setGrouping(group ? [group] : []);
    this.#table.setSorting([{ id: sort.field, desc: sort.descending }]);
    for (const { field, cell } of this.#headers) {
      cell.ariaSort = field === sort.field ? (sort.descending ? "descending" : "ascending") : null;
    }
    this.node.scrollTop = 0;
    this.#update();
  }

  /** Opens or closes all groups. @param {boolean} open */
  expandAll(open) {
    this.#table.toggleAllRowsExpanded(open);
    this.#update();
  }

  /** The numbers of rows that pass the filters, of all rows, and of groups. */
  get counts() {
    const filtered = this.#table.getFilteredRowModel().rows.length;
    return { filtered, all: this.#table.getCoreRowModel().rows.length, groups: this.#view.group && this.#table.getGroupedRowModel().rows.length };
  }

  /** Whether some rows are not rendered, so they are not printed. */
  get isCut() {
    return this.#visible.length > RENDER_ALL_UP_TO;
  }

  /** The rows as filtered and sorted, group by group. */
  get rows() {
    const inOrder = ({ rows }) => rows.flatMap((row) => (row.getIsGrouped() ? inOrder({ rows: row.subRows }) : [row.original]));
    return inOrder(this.#table.getSortedRowModel());
  }

  #toggle(id) {
    this.#table.getRow(id).toggleExpanded();
    this.#update();
    this.#rendered.get(id)?.querySelector("button").focus({ preventScroll: true });
  }

  #update() {
    this.#visible = this.#table.getExpandedRowModel().rows;
    this.table.setAttribute("aria-rowcount", String(this.#visible.length + 1));
    this.#body.replaceChildren();
    this.#rendered.clear();
    this.#arrange();
  }

  #arrange() {
    this.#virtualizer.setOptions(this.#virtualizerOptions());
    this.#virtualizer.measure();
    this.#virtualizer._willUpdate();
    this.#draw();
  }

  #virtualizerOptions() {
    // All rows have the height that the style sheet sets, so none is measured while scrolling.
    const rowHeight = parseFloat(getComputedStyle(this.table).getPropertyValue("--row-height")) * remInPixels();
    return {
      count: this.#visible.length,
      getScrollElement: () => this.node,
      estimateSize: () => rowHeight,
      overscan: this.#visible.length > RENDER_ALL_UP_TO ? OVERSCAN : RENDER_ALL_UP_TO,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#draw(),
    };
  }

  #draw() {
    const items = this.#virtualizer.getVirtualItems();
    this.#body.style.height = `${this.#virtualizer.getTotalSize()}px`;
    const ids = new Set(items.map(({ index }) => this.#visible[index].id));
    for (const [id, node] of this.#rendered) {
      if (ids.has(id)) continue;
      node.remove();
      this.#rendered.delete(id);
    }
    // Inserts rows in order, without moving rendered ones: a moved button would lose the focus.
    let next = this.#body.firstChild;
    for (const { index, start } of items) {
      const row = this.#visible[index];
      let node = this.#rendered.get(row.id);
      if (!node) this.#rendered.set(row.id, node = this.#row(row, index));
      node.style.transform = `translateY(${start}px)`;
      if (node === next) next = next.nextSibling;
      else this.#body.insertBefore(node, next);
    }
  }

  #row(row, index) {
    const isGroup = row.getIsGrouped();
    const cells = this.#definition.columns.map((column, i) => {
      const content = isGroup ? this.#groupCell(row, column, i) : value(column, row.getValue(column.field));
      return el(i === 0 ? "th" : "td", {
        role: i === 0 ? "rowheader" : "cell",
        scope: i === 0 ? "row" : undefined,
        className: column.field === this.#view.sort.field ? `${column.kind} sorted` : column.kind,
        "data-label": column.label,
        // Long texts are cut off.
        title: typeof content === "string" ? content : undefined,
      }, content);
    });
    return el("tr", {
      role: "row",
      "aria-rowindex": index + 2,
      "data-row": row.id,
      className: isGroup ? "group" : row.depth > 0 ? "member" : "",
    }, ...cells);
  }

  /** A group row has a title, and the sums of its rows. */
  #groupCell(row, column, i) {
    if (i === 0) return this.#groupTitle(row);
    return column.kind === "amount" ? value(column, row.getValue(column.field)) : "";
  }

  #groupTitle(row) {
    const { original } = row.leafRows[0];
    const name = row.groupingColumnId === "type" ? original.testType : original.accountGroupName ?? original.aid;
    const title = el("span", { className: "group-title" },
      el("span", { className: "group-name", title: name }, name ?? ABSENT),
      " ", el("span", { className: "count" }, plural(row.leafRows.length, this.#definition.noun)));
    return el("button", { type: "button", "aria-expanded": row.getIsExpanded() }, title);
  }
}

const value = ({ kind }, content) => (kind === "amount" ? number(content) : content ?? ABSENT);
