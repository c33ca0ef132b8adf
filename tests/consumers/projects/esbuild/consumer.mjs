import { version } from "../../tools.mjs";

const command = ["esbuild", "page.mjs", "--bundle", "--format=esm", "--outfile=dist/page.js"];

export default ({ built }) => built(`esbuild ${version("esbuild")}`, command);
