import { run, version } from "../../tools.mjs";

export default ({ page, host }) => {
  page(`Rollup ${version("rollup")}`, async (cwd) => {
    await run(cwd, ["rollup", "page.mjs", "--dir", "dist", "--plugin", "node-resolve"]);
    return host(cwd);
  });
};
