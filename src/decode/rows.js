// Makes an object of the parts that decode.rs and rows.rs describe.

// A separate function, so that engines compile the loop by itself. Inside the caller it took three times as long.
function unpack(lengths, shortTexts, longTexts) {
  const texts = new Array(lengths.length);
  for (let i = 0, short = 0, long = 0; i < texts.length; i++) {
    texts[i] = lengths[i] ? shortTexts.slice(short, (short += lengths[i])) : longTexts[long++];
  }
  return texts;
}

// Each a literal, so that all objects have one shape. Adding the keys in a loop takes three times as long.
const testUsage = (texts, cells, c) => ({
  aid: texts[cells[c]],
  accountGroupName: texts[cells[c + 1]],
  testId: texts[cells[c + 2]],
  testName: texts[cells[c + 3]],
  testType: texts[cells[c + 4]],
  cloudUnitsUsed: cells[c + 5],
  cloudUnitsProjected: cells[c + 6],
});
const unitsByTests = (texts, cells, c) => ({
  aid: texts[cells[c]],
  accountGroupName: texts[cells[c + 1]],
  testId: texts[cells[c + 2]],
  testName: texts[cells[c + 3]],
  testType: texts[cells[c + 4]],
  cloudUnitsUsed: cells[c + 5],
  cloudUnitsProjected: cells[c + 6],
  enterpriseUnitsUsed: cells[c + 7],
  enterpriseUnitsProjected: cells[c + 8],
  isInstantTest: [false, true][cells[c + 9]],
});
const enterpriseAgentUnits = (texts, cells, c) => ({
  aid: texts[cells[c]],
  accountGroupName: texts[cells[c + 1]],
  agentId: texts[cells[c + 2]],
  agentName: texts[cells[c + 3]],
  enterpriseUnitsUsed: cells[c + 4],
  enterpriseUnitsProjected: cells[c + 5],
});

// By the number of the row's type: its function, and its number of cells.
const ROWS = [
  [testUsage, 7],
  [unitsByTests, 10],
  [enterpriseAgentUnits, 6],
];

// A row without its absent fields, whose cells are NaN.
function partial(row) {
  const present = {};
  for (const name in row) {
    if (row[name] === row[name] && row[name] !== undefined) present[name] = row[name];
  }
  return present;
}

export function assemble(json, shortTexts, longTexts, lengths, cells, rowType) {
  const result = JSON.parse(json);
  if (!cells.length) return result;
  const rows = rowType ? result.breakdowns : result.usage.tests;
  const texts = unpack(lengths, shortTexts, JSON.parse(longTexts));
  const [full, width] = ROWS[rowType];
  for (let i = 0, c = 0; i < rows.length; i++) {
    if (rows[i] === 0) rows[i] = full(texts, cells, c);
    else if (rows[i] === 1) rows[i] = partial(full(texts, cells, c));
    else continue;
    c += width;
  }
  return result;
}
