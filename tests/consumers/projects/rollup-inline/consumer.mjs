import { readFile } from "node:fs/promises";

import { version } from "../../tools.mjs";

const report = await readFile(new URL("../../shared/report.mjs", import.meta.url), "utf8");
const files = { "report.mjs": report.replace('"thousandeyes-usage"', '"thousandeyes-usage/inline"') };
const command = ["rollup", "page.mjs", "--file", "dist/page.js", "--format", "iife", "--plugin", "node-resolve"];

export default ({ built }) => built(`Rollup ${version("rollup")}, /inline in one script`, command, { files });
