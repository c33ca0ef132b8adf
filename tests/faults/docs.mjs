// The table as users read it.
import { casesOf, NAMES, outcomeOf, RUNTIMES } from "./outcome.mjs";
import { TABLE } from "./table.mjs";

const all = (values) => [...new Set(values)].join(" or ");

function line(row) {
  const outcomes = casesOf(row).map(([, one]) => outcomeOf(row, one));
  const names = outcomes.map(({ code }) => (code === undefined ? "the usage" : `\`${NAMES[code]}\``));
  const attempts = outcomes.map(({ attempts = 1 }) => attempts);
  const retryable = outcomes.map(({ code, retryable }) => (code === undefined ? "" : retryable ? "yes" : "no"));
  const but = Object.entries(row.but ?? {});
  const reasons = [...new Set(but.map(([, { because }]) => because))].map(
    (because) =>
      `${but
        .filter(([, it]) => it.because === because)
        .map(([name]) => RUNTIMES[name])
        .join(", ")}: ${because}`,
  );
  const fault = [row.fault, ...reasons.map((reason) => `*${reason}*`)].join("<br>");
  return `| ${fault} | ${row.gives ?? all(names)} | ${row.gives ? "" : all(attempts)} | ${all(retryable)} |`;
}

export function render() {
  const cases = TABLE.flatMap(({ rows }) => rows.flatMap(casesOf)).length;
  const sections = TABLE.map(({ title, rows }) =>
    [
      `## ${title}`,
      "",
      "| what goes wrong | what you get | attempts | retryable |",
      "|---|---|---|---|",
      ...rows.map(line),
      "",
    ].join("\n"),
  );
  return `# What each fault comes to

Each row was tested on the built package, over real connections, in ${Object.values(RUNTIMES)
    .join(", ")
    .replace(/, ([^,]*)$/, " and $1")}:
${cases} cases. The outcome is the same in each of them, unless the row says otherwise. Attempts are those of the default options,
\`maxRetries: 2\` and \`timeout: 30_000\`. No case threw, reported or printed six characters of its token, and nothing was ever
sent to another origin than \`baseUrl\`'s.

${sections.join("\n")}`;
}
