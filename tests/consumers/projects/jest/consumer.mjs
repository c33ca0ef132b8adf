import { run, version } from "../../tools.mjs";

export default ({ row, project, assertFile }) => {
  row(`Jest ${version("jest")}`, "Node 22", async () => {
    const cwd = await project();
    await run(cwd, ["jest"], { API: project.api() });
    await assertFile(cwd);
  });
};
