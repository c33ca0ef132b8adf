import { matrix } from "./matrix.mjs";

matrix("workerd");
