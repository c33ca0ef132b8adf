import { inProgram } from "./hosts.mjs";
import { testTable } from "./runtime.mjs";

testTable("node", inProgram(process.execPath));
