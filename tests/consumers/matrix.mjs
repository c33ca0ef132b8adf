// The table of rows `{ what, where, passed }`, for the output and for the README.

/** A line for each row. */
export function listed(rows) {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map(({ what, where, passed }) => `${passed ? "ok    " : "FAILED"}  ${what.padEnd(width)}  ${where}`).join("\n");
}

/** A line for each consumer, with all its runtimes. */
export function markdown(rows) {
  const places = new Map();
  for (const { what, where } of rows) places.set(what, [...(places.get(what) ?? []), where]);
  const lines = [...places].map(([what, where]) => `| ${what} | ${where.join(", ")} |`);
  return ["| with | in |", "|---|---|", ...lines, ""].join("\n");
}
