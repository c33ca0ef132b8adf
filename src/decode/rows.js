// Makes a usage of the parts that decode.rs and rows.rs describe.

// A separate function, so that engines compile the loop by itself. Inside the caller it took three times as long.
function unpack(lengths, shortTexts, longTexts) {
  const texts = new Array(lengths.length);
  for (let i = 0, short = 0, long = 0; i < texts.length; i++) {
    texts[i] = lengths[i] ? shortTexts.slice(short, (short += lengths[i])) : longTexts[long++];
  }
  return texts;
}

// One literal, so that all objects have one shape. Adding the keys in a loop takes three times as long.
function full(texts, cells, c) {
  return {
    aid: texts[cells[c]],
    accountGroupName: texts[cells[c + 1]],
    testId: texts[cells[c + 2]],
    testName: texts[cells[c + 3]],
    testType: texts[cells[c + 4]],
    cloudUnitsUsed: cells[c + 5],
    cloudUnitsProjected: cells[c + 6],
  };
}

// A row without its absent fields, whose cells are NaN.
function partial(row) {
  const present = {};
  for (const name in row) {
    if (row[name] === row[name] && row[name] !== undefined) present[name] = row[name];
  }
  return present;
}

export function result(json, shortTexts, longTexts, lengths, cells) {
  const result = JSON.parse(json);
  if (!cells.length) return result;
  const rows = result.usage.tests;
  const texts = unpack(lengths, shortTexts, JSON.parse(longTexts));
  for (let i = 0, c = 0; i < rows.length; i++) {
    if (rows[i] === 0) rows[i] = full(texts, cells, c);
    else if (rows[i] === 1) rows[i] = partial(full(texts, cells, c));
    else continue;
    c += 7;
  }
  return result;
}
