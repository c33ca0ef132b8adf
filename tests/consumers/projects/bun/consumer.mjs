import { version } from "../../tools.mjs";

export default ({ row, project, assertPrinted }) => {
  for (const [what, file] of [["`import`", "main.mjs"], ["`require`", "main.cjs"]]) {
    row(what, `Bun ${version("bun")}`, async () => {
      await assertPrinted(await project({ install: ["bun", "add", "thousandeyes-usage"] }), ["bun", file]);
    });
  }
};
