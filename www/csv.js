/** CSV (RFC 4180), with what spreadsheets need. */

// Without it, Excel does not read the file as UTF-8.
const BYTE_ORDER_MARK = "\ufeff";
/** A spreadsheet would run such a text as a formula, and anyone may name a test. */
const FORMULA = /^[=+\-@]/;
/** Characters that control a terminal, or reverse text. The command's CSV, in pkg-template/report.js, has none either. */
const CONTROL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * @param {readonly string[]} fields the columns, by the names of the rows' fields
 * @param {readonly Record<string, unknown>[]} rows
 */
export function toCsv(fields, rows) {
  const lines = [fields.map(cell), ...rows.map((row) => fields.map((field) => cell(row[field])))];
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.join()}\r\n`).join("");
}

function cell(value) {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = value.replace(CONTROL, "\ufffd").replaceAll('"', '""');
  // Strings are always quoted, so an ID differs from a number.
  return FORMULA.test(text) ? `"'${text}"` : `"${text}"`;
}
