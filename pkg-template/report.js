// What the command prints: text of data. It knows no terminal, clock or network.

const METERS = {
  cloudUnits: ["Cloud units", "units"],
  enterpriseUnits: ["Enterprise units", "units"],
  connectedDevicesUnits: ["Connected Devices units", "units"],
  endpointAgents: ["Endpoint agents", "agents"],
  endpointAgentsEssentials: ["Endpoint agents Essentials", "agents"],
  endpointAgentsEmbedded: ["Endpoint agents Embedded", "agents"],
  enterpriseAgents: ["Enterprise agents", "agents"],
};

const format = new Intl.NumberFormat("en-GB");
const number = (value) => (value === undefined ? "—" : format.format(value));
const percentFormat = new Intl.NumberFormat("en-GB", { style: "percent" });
const percent = (share) => (share > 0 && share < 0.005 ? "less than 1%" : percentFormat.format(share));

/** Whether a meter can be compared with its quota. A quota of 0 means that the meter is billed in another way. */
export const isComparable = ({ included, overage, projectedOverage }) => included > 0 && (overage ?? projectedOverage) !== undefined;

const isOver = (meter) => isComparable(meter) && (meter.overage > 0 || meter.projectedOverage > 0);

/** The names of the meters that are over their quotas, or projected to be. */
export const overages = (meters) => meters.filter(isOver).map(({ meter }) => METERS[meter][0]);

// A name from the API must not control the terminal: no control characters, no line separators, no marks that reverse text.
const CONTROL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const printable = (text) => text.replace(CONTROL, "\ufffd");

/** Data as JSON. Control characters that JSON allows in a string are escaped. */
export const json = (data) =>
  `${JSON.stringify(data, null, 2).replace(CONTROL, (c) => (c === "\n" ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`))}\n`;

const messagesOf = (cause) => (cause ? [cause.message, ...(cause.errors ?? [cause.cause]).flatMap(messagesOf)] : []);

/** The message of an error. A line explains each name of the JavaScript API in it that is not a name of the command. */
export function errorText({ message, cause, retryAt }) {
  const names = {
    cause: messagesOf(cause).filter(Boolean).join("; "),
    retryAt: retryAt?.toISOString(),
    baseUrl: "the environment variable THOUSANDEYES_BASE_URL",
    token: "the environment variable TE_TOKEN",
    startDate: "the start of --month",
    endDate: "the end of --month",
    timeout: "one minute, which cannot be changed in the command",
  };
  const used = Object.entries(names).filter(([name, text]) => text && message.includes(`\`${name}\``));
  return [message, ...used.map(([name, text]) => `  \`${name}\`: ${text}`)].map(printable).join("\n");
}

const colour = (code) => (text) => `\u001b[${code}m${text}\u001b[0m`;
const COLOURS = { bold: colour(1), red: colour(31), green: colour(32), yellow: colour(33) };
const PLAIN = { bold: String, red: String, green: String, yellow: String };

/** The share of a quota from which it needs attention. */
const NEAR = 0.9;

/** How a meter stands: a colour, and the words for it. */
function state({ included, overage, projectedOverage, exhaustsAt, utilisation = 0, projectedUtilisation = 0 }) {
  if (!(included > 0)) return ["green", ""];
  if (overage > 0) return ["red", "over the quota"];
  if (projectedOverage > 0) return ["red", "projected over the quota"];
  if (exhaustsAt) return ["yellow", `at this rate used up on ${exhaustsAt.slice(0, 10)}`];
  return Math.max(utilisation, projectedUtilisation) >= NEAR ? ["yellow", "close to the quota"] : ["green", ""];
}

/** A bar of a share that is used and a share that is projected. What is over 1 does not show. */
function bar(used = 0, projected = 0, width) {
  const cells = (share) => Math.round(Math.min(Math.max(share, 0), 1) * width);
  const usedCells = cells(used);
  const projectedCells = Math.max(cells(projected) - usedCells, 0);
  return "█".repeat(usedCells) + "▒".repeat(projectedCells) + "░".repeat(width - usedCells - projectedCells);
}

/** The text in lines of at most so many characters, if its words allow. */
const wrap = (text, width) => text.replace(new RegExp(`(.{1,${width}})(?: |$)`, "g"), "$1\n").trimEnd();

function meterLines(meter, width, paint) {
  const { used, projected, included, utilisation, projectedUtilisation } = meter;
  const [title, noun] = METERS[meter.meter];
  const [tint, words] = state(meter);
  const lines = [[paint.bold(title), words && paint[tint](words)].filter(Boolean).join(": ")];
  const shares = [[utilisation, "used"], [projectedUtilisation, "projected"]].filter(([share]) => share !== undefined);
  if (shares.length > 0) {
    const label = shares.map(([share, word]) => `${percent(share)} ${word}`).join(", ");
    lines.push(`${paint[tint](bar(utilisation, projectedUtilisation, Math.max(width - 32, 10)))} ${label}`);
  }
  const of = included > 0 ? ` of ${number(included)}` : "";
  lines.push(wrap(`${number(used)}${of} ${noun} used${projected === undefined ? "" : `, ${number(projected)} projected`}`, width));
  return lines;
}

// Characters that take two columns of a terminal.
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const split = (text) => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
const columns = (character) => (WIDE.test(character) ? 2 : 1);
const columnsOf = (characters) => characters.reduce((sum, character) => sum + columns(character), 0);

/** The text in so many columns of a terminal, cut if it is longer. */
function fit(text, width, start = false) {
  const characters = split(text);
  let length = columnsOf(characters);
  if (length > width) {
    while (length > width - 1) length -= columns(characters.pop());
    characters.push("…");
    length += 1;
  }
  const space = " ".repeat(Math.max(width - length, 0));
  return start ? space + characters.join("") : characters.join("") + space;
}

/** A table, in so many columns of a terminal. Its two columns of text are cut if it is too wide; the last ones are numbers. */
function tableLines(head, rows, width, paint) {
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => columnsOf(split(row[column])))));
  const forText = Math.max(width - widths.slice(2).reduce((sum, one) => sum + one + 2, 2), 24);
  widths[1] = Math.min(widths[1], Math.floor(forText / 2), 20);
  widths[0] = Math.min(widths[0], forText - widths[1]);
  const line = (row) => row.map((cell, column) => fit(cell, widths[column], column > 1)).join("  ");
  return [paint.bold(line(head)), ...rows.map(line)];
}

const name = (text) => printable(text ?? "—");

/** The meters of a summary, and the tests that use the most. */
export function usageReport({ period, meters }, tests, { width = 80, colours = false } = {}) {
  const paint = colours ? COLOURS : PLAIN;
  const days = [period.start, period.end].map((date) => printable(date ?? "").slice(0, 10));
  const parts = [[paint.bold(`ThousandEyes usage${days.every(Boolean) ? `, ${days.join(" to ")}` : ""}`)]];
  const shown = meters.filter(({ used, projected, included }) => used || projected || included);
  for (const meter of shown) parts.push(meterLines(meter, width, paint));
  if (shown.length === 0) parts.push(["The organisation has no quota and no usage."]);
  if (tests.length > 0) {
    const rows = tests.map(({ testName, accountGroupName, cloudUnitsUsed, cloudUnitsProjected }) =>
      [name(testName), name(accountGroupName), number(cloudUnitsUsed), number(cloudUnitsProjected)]);
    parts.push(["Tests with the most projected cloud units:", "",
      ...tableLines(["Test", "Account group", "Used", "Projected"], rows, width, paint)]);
  }
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The units of a month, and the tests that used the most. It takes what compareUnits says of nothing and the month. */
export function monthReport(month, { total, tests }, { width = 80, colours = false } = {}) {
  const paint = colours ? COLOURS : PLAIN;
  if (!total.after) return `No test used units in ${month}.\n`;
  const { tests: count, cloudUnitsUsed, enterpriseUnitsUsed } = total.after;
  const units = `${number(cloudUnitsUsed)} cloud units and ${number(enterpriseUnitsUsed)} enterprise units`;
  const users = count === 1 ? "1 test" : `${number(count)} tests`;
  const lines = [paint.bold(`ThousandEyes usage, ${month}`), "", wrap(`${units} used by ${users}`, width)];
  if (tests.length > 0) {
    const rows = tests.map(({ testName, accountGroupName, after }) =>
      [name(testName), name(accountGroupName), number(after?.cloudUnitsUsed), number(after?.enterpriseUnitsUsed)]);
    lines.push("", "Tests that used the most cloud units:", "",
      ...tableLines(["Test", "Account group", "Cloud units", "Enterprise units"], rows, width, paint));
  }
  return `${lines.join("\n")}\n`;
}

const FIELDS = ["aid", "accountGroupName", "testId", "testName", "testType", "cloudUnitsUsed", "cloudUnitsProjected"];
const MONTH_FIELDS = [...FIELDS, "enterpriseUnitsUsed", "enterpriseUnitsProjected", "isInstantTest"];

// A spreadsheet would run such a text as a formula, and anyone may name a test.
const FORMULA = /^[=+\-@]/;

function cell(value) {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  const text = printable(value).replaceAll('"', '""');
  // Strings are always quoted, so an ID differs from a number.
  return FORMULA.test(text) ? `"'${text}"` : `"${text}"`;
}

/** Rows of tests as CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)). */
export function csv(rows, isMonth) {
  const fields = isMonth ? MONTH_FIELDS : FIELDS;
  return [fields.join(), ...rows.map((row) => fields.map((field) => cell(row[field])).join())].map((line) => `${line}\r\n`).join("");
}
