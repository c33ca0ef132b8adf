import { run, version } from "../../tools.mjs";

const LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

export default ({ page, serve }) => {
  const vite = `Vite ${version("vite")}`;
  page(`${vite}, dev`, (cwd) => serve(cwd, ["vite", ...LOOPBACK]), { takesWasm: true });
  page(`${vite}, build`, async (cwd) => {
    await run(cwd, ["vite", "build"]);
    return serve(cwd, ["vite", "preview", ...LOOPBACK]);
  }, { takesWasm: true });
};
