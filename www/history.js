import { byAccountGroup, compareUnits } from "thousandeyes-usage";
import { idOf } from "./months.js";
import { nextTask } from "./next-task.js";

/** After these errors, the other months would fail too. */
const STOPPING = ["unauthorized", "token", "rate-limit", "connection", "unexpected-response"];
/** What the API responds to an organisation without usage-based billing. */
const WITHOUT_UNITS = ["forbidden", "not-found"];
const GROWN_TESTS = 10;

/**
 * @typedef {object} Entry a month, and what is known of it
 * @property {import("./months.js").Month} month
 * @property {import("thousandeyes-usage").AccountGroupUsage[]} [accountGroups] the units of each account group
 * @property {ReturnType<typeof shownFields>[]} [rows] kept only while the month is compared
 * @property {any} [error] why it could not be loaded
 */

/** The units of each month. The months are loaded one after another, the newest first. */
export class History {
  /** @type {Entry[]} the months of the range, oldest first */
  entries = [];
  /** @type {Entry[]} the two months that are compared */
  compared = [];
  /** @type {(Partial<import("thousandeyes-usage").UnitsComparison> & { error?: any }) | undefined} */
  comparison;
  /** @type {Entry | undefined} the month that is loading */
  current;
  isCancelled = false;

  #loaded;
  #requestPages;
  #on;
  /** @type {AbortController | undefined} */
  #controller;

  /**
   * @param {Map<string, Entry>} loaded the months that an earlier history of the same account group has loaded, by their start
   * @param {(month: import("./months.js").Month, signal: AbortSignal) => AsyncIterable<{ data: object[] }>} requestPages
   * @param {{ change(): void, page(rowCount: number): void }} on called when anything changed, and after each page
   */
  constructor(loaded, requestPages, on) {
    // The running month has changed since, and one that failed may load now.
    for (const [start, { month, error }] of loaded) if (error || month.endDate === undefined) loaded.delete(start);
    this.#loaded = loaded;
    this.#requestPages = requestPages;
    this.#on = on;
  }

  /**
   * @param {import("./months.js").Month[]} months at least three, oldest first
   * @param {(string | undefined)[]} chosen the two months to compare; if one is not shown, the last two that are over are compared
   */
  show(months, chosen) {
    this.entries = months.map((month) => this.#loaded.get(month.startDate) ?? { month });
    for (const entry of this.entries) this.#loaded.set(entry.month.startDate, entry);
    const found = chosen.map((id) => this.entries.find(({ month }) => idOf(month) === id));
    const compared = found.every(Boolean) ? found : this.entries.slice(-3, -1);
    if (compared.some((entry, i) => entry !== this.compared[i])) this.comparison = undefined;
    this.compared = compared;
    // The rows of all months would need too much memory.
    for (const entry of this.#loaded.values()) if (!compared.includes(entry)) entry.rows = undefined;
    return this.load();
  }

  /** @param {Entry} entry */
  retry(entry) {
    entry.error = undefined;
    return this.load();
  }

  cancel() {
    if (!this.isLoading) return;
    this.#controller.abort();
    this.#stop();
    this.isCancelled = true;
    this.#on.change();
  }

  /** Loads what is missing. */
  async load() {
    this.isCancelled = false;
    // The loop in progress finds what else is missing now.
    if (this.isLoading) return this.#on.change();
    for (const entry of this.entries) if (isStopping(entry)) entry.error = undefined;
    const { signal } = (this.#controller = new AbortController());
    while ((this.current = this.entries.findLast((entry) => this.#isMissing(entry)))) {
      const entry = this.current;
      this.#on.change();
      await this.#loadMonth(entry, signal);
      if (signal.aborted) return;
      if (this.isStopped || this.isUnavailable) break;
    }
    this.#stop();
    await this.#compare();
    this.#on.change();
  }

  get isLoading() {
    return this.#controller !== undefined;
  }

  /** Whether a month failed for a reason that all months have. */
  get isStopped() {
    return this.entries.some(isStopping);
  }

  /** Whether the API has no units of this organisation. */
  get isUnavailable() {
    return this.entries.every(({ accountGroups }) => !accountGroups) && this.entries.some(({ error }) => WITHOUT_UNITS.includes(error?.code));
  }

  #isMissing(entry) {
    return !entry.error && (!entry.accountGroups || (this.compared.includes(entry) && !entry.rows));
  }

  #stop() {
    this.#controller = undefined;
    this.current = undefined;
  }

  async #loadMonth(entry, signal) {
    const rows = [];
    try {
      for await (const { data } of this.#requestPages(entry.month, signal)) {
        for (const row of data) rows.push(shownFields(row));
        this.#on.page(rows.length);
      }
      await nextTask();
      const accountGroups = await byAccountGroup(rows);
      if (signal.aborted) return;
      entry.accountGroups = accountGroups;
      if (this.compared.includes(entry)) entry.rows = rows;
      await this.#compare();
    } catch (error) {
      if (!signal.aborted) entry.error = error;
    }
  }

  async #compare() {
    const { compared } = this;
    const [before, after] = compared.map(({ rows }) => rows);
    if (this.comparison || !before || !after) return;
    await nextTask();
    const comparison = await compareUnits(before, after, GROWN_TESTS).catch((error) => ({ error }));
    if (compared === this.compared) this.comparison = comparison;
  }
}

const isStopping = ({ error }) => STOPPING.includes(error?.code);

/** What the history shows of a test. The other fields would cost memory, and half of the time of a comparison. */
const shownFields = ({ aid, accountGroupName, testId, testName, cloudUnitsUsed }) =>
  ({ aid, accountGroupName, testId, testName, cloudUnitsUsed });
