/** CSV as RFC 4180 has it, with what spreadsheets need on top. */

// Without it Excel takes UTF-8 for the machine's old code page.
const BYTE_ORDER_MARK = "\ufeff";
/** What a spreadsheet would run as a formula: tests are named by many people. */
const FORMULA = /^[=+\-@\t\r]/;

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
  const text = FORMULA.test(value) ? `'${value}` : value;
  // Texts are always quoted: it tells an id from an amount.
  return `"${text.replaceAll('"', '""')}"`;
}
