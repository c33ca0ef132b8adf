// Node, as a module and as CommonJS: the oldest version that the package supports, and a newer one.
import { nodeProgram } from "../../tools.mjs";

export default ({ row, project, assertPrinted }) => {
  for (const [what, file] of [["`import`", "main.mjs"], ["`require`", "main.cjs"]]) {
    for (const major of [20, 22]) {
      row(what, `Node ${major}`, async () => assertPrinted(await project(), [nodeProgram(major), file]));
    }
  }
};
