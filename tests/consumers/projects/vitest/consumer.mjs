import { version } from "../../tools.mjs";

export default ({ tested }) => tested(`Vitest ${version("vitest")}`, ["vitest", "run"]);
