import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";

import { render } from "./docs.mjs";

const FAULTS = new URL("../../pkg-template/FAULTS.md", import.meta.url);

test("the docs list the table", async () => {
  if (process.env.UPDATE_DOCS) await writeFile(FAULTS, render());
  else assert.equal(await readFile(FAULTS, "utf8"), render(), "UPDATE_DOCS=1 cargo xtask test writes it anew");
});
