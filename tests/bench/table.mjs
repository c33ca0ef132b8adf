// Markdown tables with aligned columns, which are readable in a terminal too.

export const count = (number) => Math.round(number).toLocaleString("en-US");
export const ratio = (number) => number.toFixed(2);

/** The highest value that meets a goal, and whether a number meets it. */
export const goal = (number, limit, shown = count) => `≤ ${shown(limit)}: ${number <= limit ? "met" : "NOT met"}`;

export function render({ title, head, rows, notes = [] }) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  const line = (cells) => `| ${cells.map(pad).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [`## ${title}`, [line(head), line(rule), ...rows.map(line)].join("\n"), ...notes].join("\n\n");
}
