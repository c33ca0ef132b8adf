import { version } from "../../tools.mjs";

export default ({ tested }) => tested(`Jest ${version("jest")}`, ["jest"]);
