// Stand-in until the package has these functions.
const add = (sum, value) => (value === undefined ? sum : (sum ?? 0) + value);
export async function unitsByAccountGroup(rows) {
  const groups = new Map();
  let cloudUnitsUsed;
  for (const row of rows) {
    const group = groups.get(row.aid) ?? { aid: row.aid, accountGroupName: row.accountGroupName, tests: 0 };
    groups.set(row.aid, group);
    group.tests++;
    group.cloudUnitsUsed = add(group.cloudUnitsUsed, row.cloudUnitsUsed);
    cloudUnitsUsed = add(cloudUnitsUsed, row.cloudUnitsUsed);
  }
  return { cloudUnitsUsed, accountGroups: [...groups.values()] };
}
export async function compareUnits(before, after, n) {
  const tests = new Map(before.map((row) => [row.testId, { ...row, before: row, growth: -(row.cloudUnitsUsed ?? 0) }]));
  for (const row of after) {
    const test = tests.get(row.testId) ?? { ...row, growth: 0 };
    tests.set(row.testId, test);
    test.after = row;
    test.growth += row.cloudUnitsUsed ?? 0;
  }
  return { tests: [...tests.values()].sort((a, b) => b.growth - a.growth).slice(0, n) };
}
