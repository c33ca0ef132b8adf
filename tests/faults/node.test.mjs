import { matrix } from "./matrix.mjs";

matrix("node");
