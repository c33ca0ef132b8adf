import { inWorker } from "./hosts.mjs";
import { testTable } from "./runtime.mjs";

testTable("workerd", inWorker);
