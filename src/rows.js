// The result out of its columns: src/columns.rs tells what they hold.

// A function of its own, so that engines compile the loop by itself: inside the other it took three times as long.
function unpack(lengths, shortTexts, longTexts) {
  const texts = new Array(lengths.length);
  for (let i = 0, short = 0, long = 0; i < texts.length; i++) {
    texts[i] = lengths[i] ? shortTexts.slice(short, (short += lengths[i])) : longTexts[long++];
  }
  return texts;
}

export function result(json, shortTexts, longTexts, lengths, textIndices, integers) {
  const result = JSON.parse(json);
  if (!textIndices.length) return result;
  const rows = result.usage.tests;
  const text = unpack(lengths, shortTexts, JSON.parse(longTexts));
  for (let i = 0, t = 0, n = 0; i < rows.length; i++) {
    if (rows[i] === 0) {
      // One literal, of which engines make objects of one shape: keys in a loop take three times as long.
      rows[i] = {
        aid: text[textIndices[t]],
        accountGroupName: text[textIndices[t + 1]],
        testId: text[textIndices[t + 2]],
        testName: text[textIndices[t + 3]],
        testType: text[textIndices[t + 4]],
        cloudUnitsUsed: integers[n],
        cloudUnitsProjected: integers[n + 1],
      };
    } else if (rows[i] === 1) {
      const row = (rows[i] = {});
      if (textIndices[t]) row.aid = text[textIndices[t]];
      if (textIndices[t + 1]) row.accountGroupName = text[textIndices[t + 1]];
      if (textIndices[t + 2]) row.testId = text[textIndices[t + 2]];
      if (textIndices[t + 3]) row.testName = text[textIndices[t + 3]];
      if (textIndices[t + 4]) row.testType = text[textIndices[t + 4]];
      if (integers[n] === integers[n]) row.cloudUnitsUsed = integers[n];
      if (integers[n + 1] === integers[n + 1]) row.cloudUnitsProjected = integers[n + 1];
    } else continue;
    t += 5;
    n += 2;
  }
  return result;
}
