import { toolProgram } from "../consumers/tools.mjs";
import { inProgram } from "./hosts.mjs";
import { testTable } from "./runtime.mjs";

testTable("bun", inProgram(toolProgram("bun")));
