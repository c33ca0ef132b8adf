import { matrix } from "./matrix.mjs";

matrix("deno");
