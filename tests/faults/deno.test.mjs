import { toolProgram } from "../consumers/tools.mjs";
import { inProgram } from "./hosts.mjs";
import { testTable } from "./runtime.mjs";

testTable("deno", inProgram(toolProgram("deno"), ["run", "--quiet", "--allow-net=127.0.0.1,localhost,nobody.invalid"]));
