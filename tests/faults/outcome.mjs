// What the tests of the table and its docs share.
import { readdirSync } from "node:fs";

/** The runtimes by name, as people write them: each has a file NAME.test.mjs in this folder. */
export const RUNTIMES = Object.fromEntries(
  readdirSync(new URL(".", import.meta.url))
    .flatMap((file) => /^(\w+)\.test\.mjs$/.exec(file)?.[1] ?? [])
    .filter((name) => name !== "docs")
    .map((name) => [name, name === "workerd" ? name : name[0].toUpperCase() + name.slice(1)]),
);

/** The class of an error's code. */
export const classOf = (code) =>
  code === "aborted" ? "AbortError" : `${code.replace(/(^|-)./g, (start) => start.at(-1).toUpperCase())}Error`;

/** The cases of a row, with their names. */
export const casesOf = (row) => Object.entries(row.cases ?? { "": row });

/** The outcome of a case: its row's, its own over that, and what differs in a runtime over both. */
export const outcomeOf = (row, one, runtime) =>
  Object.assign({}, row.outcome, one.outcome, row.except?.[runtime]?.outcome, one.except?.[runtime]?.outcome);
