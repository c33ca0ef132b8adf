// Functions for the tests of the table and of its docs.
import { readdirSync } from "node:fs";

/** The runtimes and how they are written. Each has a file NAME.test.mjs in this folder. */
export const RUNTIMES = Object.fromEntries(
  readdirSync(new URL(".", import.meta.url))
    .flatMap((file) => /^(\w+)\.test\.mjs$/.exec(file)?.[1] ?? [])
    .filter((name) => name !== "docs")
    .map((name) => [name, name === "workerd" ? name : name[0].toUpperCase() + name.slice(1)]),
);

/** The class of a code. */
export const classOf = (code) =>
  code === "aborted" ? "AbortError" : `${code.replace(/(^|-)./g, (start) => start.at(-1).toUpperCase())}Error`;

/** The cases of a row, with their names. */
export const casesOf = (row) => Object.entries(row.cases ?? { "": row });

/** The outcome of a case in a runtime. Fields of the case replace those of its row, and exceptions replace both. */
export const outcomeOf = (row, one, runtime) =>
  Object.assign({}, row.outcome, one.outcome, row.except?.[runtime]?.outcome, one.except?.[runtime]?.outcome);
