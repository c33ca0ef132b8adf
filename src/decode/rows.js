// Makes the usage of its parts, which decode.rs and rows.rs describe.

// A function of its own, so that engines compile the loop by itself: inside the other it took three times as long.
function unpack(lengths, shortTexts, longTexts) {
  const texts = new Array(lengths.length);
  for (let i = 0, short = 0, long = 0; i < texts.length; i++) {
    texts[i] = lengths[i] ? shortTexts.slice(short, (short += lengths[i])) : longTexts[long++];
  }
  return texts;
}

export function result(json, shortTexts, longTexts, lengths, cells) {
  const result = JSON.parse(json);
  if (!cells.length) return result;
  const rows = result.usage.tests;
  const text = unpack(lengths, shortTexts, JSON.parse(longTexts));
  for (let i = 0, c = 0; i < rows.length; i++) {
    if (rows[i] === 0) {
      // One literal, of which engines make objects of one shape: keys in a loop take three times as long.
      rows[i] = {
        aid: text[cells[c]],
        accountGroupName: text[cells[c + 1]],
        testId: text[cells[c + 2]],
        testName: text[cells[c + 3]],
        testType: text[cells[c + 4]],
        cloudUnitsUsed: cells[c + 5],
        cloudUnitsProjected: cells[c + 6],
      };
    } else if (rows[i] === 1) {
      const row = (rows[i] = {});
      // What is absent is NaN, which is not itself.
      if (cells[c] === cells[c]) row.aid = text[cells[c]];
      if (cells[c + 1] === cells[c + 1]) row.accountGroupName = text[cells[c + 1]];
      if (cells[c + 2] === cells[c + 2]) row.testId = text[cells[c + 2]];
      if (cells[c + 3] === cells[c + 3]) row.testName = text[cells[c + 3]];
      if (cells[c + 4] === cells[c + 4]) row.testType = text[cells[c + 4]];
      if (cells[c + 5] === cells[c + 5]) row.cloudUnitsUsed = cells[c + 5];
      if (cells[c + 6] === cells[c + 6]) row.cloudUnitsProjected = cells[c + 6];
    } else continue;
    c += 7;
  }
  return result;
}
