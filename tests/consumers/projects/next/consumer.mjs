import { run, version } from "../../tools.mjs";

export default ({ site, serve, assertPage, assertResponse }) => {
  for (const bundler of ["Turbopack", "webpack"]) {
    site(
      `Next.js ${version("next")}, ${bundler}`,
      async (cwd) => {
        await run(cwd, ["next", "build", `--${bundler.toLowerCase()}`]);
        return serve(cwd, ["next", "start", "--port", "0"]);
      },
      [
        ["a server component", (url) => assertPage("Chromium", url)],
        ["a route handler", (url) => assertResponse(`${url}route`)],
        ["the edge runtime", (url) => assertResponse(`${url}edge`)],
      ],
    );
  }
};
