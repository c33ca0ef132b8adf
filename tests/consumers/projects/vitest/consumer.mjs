import { run, version } from "../../tools.mjs";

export default ({ row, project, assertFile }) => {
  row(`Vitest ${version("vitest")}`, "Node 22", async () => {
    const cwd = await project();
    await run(cwd, ["vitest", "run"], { API: project.api() });
    await assertFile(cwd);
  });
};
