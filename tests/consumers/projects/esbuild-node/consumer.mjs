import { nodeProgram, run, version } from "../../tools.mjs";

export default ({ row, project, assertPrinted }) => {
  row(`esbuild ${version("esbuild")}, one file`, "Node 20", async () => {
    const cwd = await project();
    await run(cwd, ["esbuild", "main.mjs", "--bundle", "--platform=node", "--format=esm", "--outfile=dist/main.mjs"]);
    await assertPrinted(cwd, [nodeProgram(20), "dist/main.mjs"]);
  });
};
