import { version } from "../../tools.mjs";

const command = ["webpack-cli", "./page.mjs", "--mode", "production"];

export default ({ built }) => built(`webpack ${version("webpack")}`, command, { takesWasm: true });
