import { matrix } from "./matrix.mjs";

matrix("chromium");
