import { version } from "../../tools.mjs";

const command = ["rollup", "page.mjs", "--dir", "dist", "--plugin", "node-resolve"];

export default ({ built }) => built(`Rollup ${version("rollup")}`, command);
