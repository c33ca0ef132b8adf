import { version } from "../../tools.mjs";

export default ({ row, project, assertPrinted }) => {
  row("`import`", `Deno ${version("deno")}`, async () => {
    const cwd = await project({ install: ["deno", "add", "npm:thousandeyes-usage"], manifest: "deno.json" });
    // With no permission except the network, because the package reads no file.
    await assertPrinted(cwd, ["deno", "run", "--no-prompt", "--allow-net", "main.mjs"]);
  });
};
