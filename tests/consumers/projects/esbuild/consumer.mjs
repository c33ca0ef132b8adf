import { run, version } from "../../tools.mjs";

export default ({ page, host }) => {
  page(`esbuild ${version("esbuild")}`, async (cwd) => {
    await run(cwd, ["esbuild", "page.mjs", "--bundle", "--format=esm", "--outfile=dist/page.js"]);
    return host(cwd);
  });
};
