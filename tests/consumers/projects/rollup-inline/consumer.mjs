import { run, version } from "../../tools.mjs";

export default ({ page, host }) => {
  page(`Rollup ${version("rollup")}, /inline in one script`, async (cwd) => {
    await run(cwd, ["rollup", "page.mjs", "--file", "dist/page.js", "--format", "iife", "--plugin", "node-resolve"]);
    return host(cwd);
  });
};
