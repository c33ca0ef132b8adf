import { matrix } from "./matrix.mjs";

matrix("bun");
