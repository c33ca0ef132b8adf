import { matrix } from "./matrix.mjs";

matrix("firefox");
