import { run, version } from "../../tools.mjs";

export default ({ page, host }) => {
  page(`webpack ${version("webpack")}`, async (cwd) => {
    await run(cwd, ["webpack-cli", "./page.mjs", "--mode", "production"]);
    return host(cwd);
  }, { takesWasm: true });
};
