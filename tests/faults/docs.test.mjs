// FAULTS.md of the package lists the table.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";

import { casesOf, classOf, outcomeOf, RUNTIMES } from "./outcome.mjs";
import { TABLE } from "./table.mjs";

const FAULTS = new URL("../../pkg-template/FAULTS.md", import.meta.url);

const alternatives = (values) => [...new Set(values)].join(" or ");

function line(row) {
  const outcomes = casesOf(row).map(([, one]) => outcomeOf(row, one));
  const results = outcomes.map(({ code }) => (code === undefined ? "the usage" : `\`${classOf(code)}\``));
  const attempts = outcomes.map(({ attempts = 1 }) => attempts);
  const retryable = outcomes.map(({ code, retryable }) => (code === undefined ? "" : retryable ? "yes" : "no"));
  const exceptions = Object.entries(row.except ?? {});
  const reasons = [...new Set(exceptions.map(([, { because }]) => because))].map((reason) => {
    const runtimes = exceptions.filter(([, { because }]) => because === reason).map(([name]) => RUNTIMES[name]);
    return `<br>*${runtimes.join(", ")}: ${reason}*`;
  });
  const cells = row.docs ? [row.docs, ""] : [alternatives(results), alternatives(attempts)];
  return `| ${row.fault}${reasons.join("")} | ${cells.join(" | ")} | ${alternatives(retryable)} |`;
}

function render() {
  const cases = TABLE.flatMap(({ rows }) => rows.flatMap(casesOf)).length;
  const runtimes = Object.values(RUNTIMES).join(", ").replace(/, ([^,]*)$/, " and $1");
  const head = ["| what goes wrong | what you get | attempts | retryable |", "|---|---|---|---|"];
  const sections = TABLE.map(({ title, rows }) => [`## ${title}`, "", ...head, ...rows.map(line), ""].join("\n"));
  return `# What each fault comes to

Each row was tested on the built package, over real connections, in ${runtimes}:
${cases} cases. The outcome is the same in each of them, unless the row says otherwise. Attempts are those of the default options,
\`maxRetries: 2\` and \`timeout: 30_000\`. No case threw, reported or printed six characters of its token, and nothing was ever
sent to another origin than \`baseUrl\`'s. [docs/ERRORS.md](../docs/ERRORS.md) of the repository has the message of each error.

${sections.join("\n")}`;
}

test("the docs list the table", async () => {
  if (process.env.UPDATE_DOCS) await writeFile(FAULTS, render());
  else assert.equal(await readFile(FAULTS, "utf8"), render(), "UPDATE_DOCS=1 cargo xtask test updates it");
});
