/** A reader of RFC 4180, written apart from the page's writer. @param {string} text @returns {string[][]} */
export function parseCsv(text) {
  const records = [[]];
  const pattern = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const [all, quoted, plain] = pattern.exec(text);
    records.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    at += all.length;
    if (text[at] === ",") at += 1;
    else if (text.startsWith("\r\n", at)) {
      at += 2;
      if (at < text.length) records.push([]);
    } else throw new Error(`no field ends at ${at}`);
  }
  return records;
}
