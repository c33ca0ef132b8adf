/**
 * The sample organisation's units by test and by enterprise agent, over any period, and its quotas.
 *
 * A month has 30 days, as the sample's billing period. Within a month the units grow evenly, so the units of adjacent periods add
 * up. The rows of the running month have the units of `/v7/usage`. There are 13 months before it. In these the organisation was
 * smaller: two account groups have grown fast, some tests and agents did not exist yet, and others exist no longer.
 */
import { DAY_MS, DAYS_OVER, PERIOD_DAYS, Picker, split, sum } from "./sample-org.js";

const MONTHS = 13;
const MONTH_MS = PERIOD_DAYS * DAY_MS;
const MINUTE_MS = 60_000;

const GROWTH = 1.015;
const FAST_GROWTH = { "Hazelmere Motors": 1.13, "Clearbrook Health": 1.09 };
/** How far a month's units are from the trend, at most. */
const NOISE = 0.06;

const NEW_SHARE = 0.25;
const ENDED_SHARE = 0.12;
// Above all other IDs.
const ENDED_IDS = 5_000_000;
/** Test types that run on enterprise agents. */
const AGENT_TYPES = ["agent-to-server", "agent-to-agent", "http-server", "dns-server", "voice"];
/** The account groups that have a quota of their own, and its share of the organisation's quota. */
const GROUP_QUOTAS = {
  "Westwick Courier": 0.14,
  "Hazelmere Motors": 0.1,
  "Brightwater Utilities": 0.08,
  "Clearbrook Health": 0.06,
  "Oakfield Grocers": 0.02,
};

/**
 * A row over the months. The numbers of `first` and `last` are months ago: 0 is the running month.
 *
 * @typedef {{ row: object, used: number, projected?: number, first: number, last: number, growth: number, seed: number,
 *   share: number }} Series `share` is the test's part in the units of the enterprise agents
 * @typedef {{ start: number, end: number }} Period in milliseconds
 */

/** @param {ReturnType<typeof import("./sample-org.js").sampleOrganization>} organization */
export function sampleUnits({ totals, breakdowns }) {
  const monthStart = Date.parse(totals.quota.monthStart);
  const today = monthStart + DAYS_OVER * DAY_MS;
  const p = new Picker(20251101);

  /** @returns {Series} */
  function createSeries({ used, projected, ...row }) {
    const isNew = projected === undefined;
    const first = isNew ? 0 : p.next() < NEW_SHARE ? p.int(1, MONTHS - 1) : MONTHS;
    const growth = FAST_GROWTH[row.accountGroupName] ?? GROWTH;
    const share = AGENT_TYPES.includes(row.testType) ? Math.max(0, p.next() - 0.4) : 0;
    return { row, used, projected, first, last: 0, growth, seed: p.int(0, 2 ** 31), share };
  }

  /** A row that exists no longer, made of one that does. */
  function endSeries(series, changes) {
    const last = p.int(1, MONTHS - 2);
    const first = p.int(last, MONTHS);
    return { ...series, row: { ...series.row, ...changes }, first, last, seed: p.int(0, 2 ** 31) };
  }

  const tests = breakdowns.tests.map(({ cloudUnitsUsed: used, cloudUnitsProjected: projected, ...row }) => {
    const series = createSeries({ ...row, used, projected });
    series.row.isInstantTest = series.first === 0 && p.next() < 0.3;
    return series;
  });
  const endedId = (id) => String(Number(id) + ENDED_IDS);
  for (const series of tests.filter(({ first }) => first > 0 && p.next() < ENDED_SHARE)) {
    const { testId, testName } = series.row;
    const ended = endSeries(series, { testId: endedId(testId), testName: `Pilot: ${testName}` });
    ended.row.isInstantTest = ended.first === ended.last;
    tests.push(ended);
  }
  const agents = breakdowns.enterpriseAgentUnits.map((agent) => {
    const { enterpriseUnitsUsed: used, enterpriseUnitsProjected: projected, ...row } = agent;
    return createSeries({ ...row, used, projected });
  });
  for (const series of agents.filter(({ row }) => row.agentId && p.next() < ENDED_SHARE)) {
    const { agentId, agentName } = series.row;
    agents.push(endSeries(series, { agentId: endedId(agentId), agentName: `${agentName}-old` }));
  }

  /** The months that overlap with the period, and the shares of the month at which it begins and ends. */
  function monthsOf({ start, end }) {
    const months = [];
    for (let ago = 0; ago <= MONTHS; ago++) {
      const from = monthStart - ago * MONTH_MS;
      // The running month has units only until today.
      const length = ago === 0 ? today - monthStart : MONTH_MS;
      // A last second, such as 23:59:59, is the end of its minute.
      const [begin, stop] = [start, end].map((at) => Math.round(at / MINUTE_MS) * MINUTE_MS - from);
      const shares = [begin, stop].map((ms) => Math.min(Math.max(ms / length, 0), 1));
      if (shares[0] < shares[1]) months.push({ ago, from: shares[0], to: shares[1] });
    }
    return months;
  }

  const existsIn = (months) => ({ first, last }) => months.some(({ ago }) => last <= ago && ago <= first);

  function unitsIn(months, { used, projected = 0, first, last, growth, seed }) {
    let units = 0;
    for (const { ago, from, to } of months) {
      if (ago < last || ago > first) continue;
      const noise = 1 + NOISE * (2 * new Picker(seed + ago).next() - 1);
      const all = ago === 0 ? used : (projected * noise) / growth ** ago;
      units += Math.round(all * to) - Math.round(all * from);
    }
    return units;
  }

  /** The fields of the units in the period. Only a period that is not over has an estimate. */
  function rowsOf(series, { start, end }, prefix) {
    const months = monthsOf({ start, end });
    return series.filter(existsIn(months)).map((each) => {
      const units = unitsIn(months, each);
      const row = { ...each.row, [`${prefix}Used`]: units };
      const hasEstimate = end >= today && each.last === 0 && each.projected !== undefined;
      if (hasEstimate) row[`${prefix}Projected`] = units + each.projected - each.used;
      return { row, share: each.share };
    });
  }

  const agentRows = (period) => rowsOf(agents, period, "enterpriseUnits").map(({ row }) => row);

  return {
    monthStart,

    /** @param {Period} period */
    byTest(period) {
      const rows = rowsOf(tests, period, "cloudUnits");
      const agentUnits = agentRows(period);
      const used = split(sum(agentUnits, "enterpriseUnitsUsed"), rows);
      const known = rows.filter(({ row }) => row.cloudUnitsProjected !== undefined);
      const projected = split(sum(agentUnits, "enterpriseUnitsProjected"), known);
      rows.forEach(({ row }, i) => (row.enterpriseUnitsUsed = used[i]));
      known.forEach(({ row }, i) => (row.enterpriseUnitsProjected = projected[i]));
      return rows.map(({ row }) => row);
    },

    /** @param {Period} period */
    byEnterpriseAgent: agentRows,

    quotas() {
      const value = totals.quota.cloudUnitsIncluded;
      const aids = new Map(breakdowns.tests.map(({ aid, accountGroupName }) => [accountGroupName, aid]));
      const accountGroupQuotas = Object.entries(GROUP_QUOTAS).map(([name, share]) => (
        { aid: aids.get(name), value: Math.round(value * share) }
      ));
      return [{ organizationQuota: { orgId: "1042", value }, accountGroupQuotas }];
    },
  };
}
