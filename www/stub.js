// Stand-in until the package has these functions.
const add = (sum, value) => (value === undefined ? sum : (sum ?? 0) + value);
export async function byAccountGroup(rows) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row.aid) ?? { aid: row.aid, accountGroupName: row.accountGroupName, tests: 0 };
    groups.set(row.aid, group);
    group.tests++;
    group.cloudUnitsUsed = add(group.cloudUnitsUsed, row.cloudUnitsUsed);
  }
  return [...groups.values()];
}
function changes(before, after, key) {
  const all = new Map();
  for (const [side, rows] of [["before", before], ["after", after]]) {
    for (const row of rows) {
      const each = all.get(row[key]) ?? { ...row, growth: { cloudUnits: 0 } };
      all.set(row[key], each);
      each[side] = { cloudUnitsUsed: add(each[side]?.cloudUnitsUsed, row.cloudUnitsUsed) };
      each.growth.cloudUnits += (side === "after" ? 1 : -1) * row.cloudUnitsUsed;
    }
  }
  return [...all.values()].sort((a, b) => b.growth.cloudUnits - a.growth.cloudUnits);
}
export async function compareUnits(before, after, n) {
  const [total] = changes(before, after, "nothing");
  if (total?.before) total.growth.cloudUnitsRatio = total.growth.cloudUnits / total.before.cloudUnitsUsed;
  return {
    total: total ?? { growth: {} },
    accountGroups: changes(before, after, "aid"),
    tests: changes(before, after, "testId").filter(({ growth }) => growth.cloudUnits > 0).slice(0, n),
  };
}
