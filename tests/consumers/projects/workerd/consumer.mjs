import { version } from "../../tools.mjs";

export default ({ site, serve, assertResponse }) => {
  site(
    `wrangler ${version("wrangler")}`,
    (cwd) => serve(cwd, ["wrangler", "dev", "--port", "0", "--inspector-port", "0"]),
    [["workerd", assertResponse]],
  );
};
