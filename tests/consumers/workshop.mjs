// Makes users' projects in a folder, with a registry that has the packed package, and the sample API.
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { respond, startApi, TYPES } from "../package/api.mjs";
import { startRegistry } from "./registry.mjs";
import { run, start } from "./tools.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const PKG = fileURLToPath(new URL("../../pkg/", import.meta.url));
const NPM = ["npm", "install", "--no-audit", "--no-fund", "thousandeyes-usage"];

export async function openWorkshop() {
  // In this folder, so that a project finds the tools in its node_modules.
  await mkdir(join(here, "run"), { recursive: true });
  const folder = await mkdtemp(join(here, "run/"));
  const [{ filename }] = JSON.parse(await run(folder, ["npm", "pack", PKG, "--json"]));
  const manifest = JSON.parse(await readFile(join(PKG, "package.json"), "utf8"));
  const registry = await startRegistry(await readFile(join(folder, filename)), manifest);
  const api = await startApi(undefined, { "access-control-allow-origin": "*" });
  const servers = [];

  /** Makes a project of the files in the folder of its name, and installs the package by its own tool. */
  async function project(name, { install = NPM, manifest = "package.json", files = {} } = {}) {
    const cwd = await mkdtemp(join(folder, `${name}-`));
    await cp(join(here, "shared"), cwd, { recursive: true });
    const source = join(here, "projects", name);
    if (existsSync(source)) await cp(source, cwd, { recursive: true, filter: (path) => basename(path) !== "consumer.mjs" });
    await writeFile(join(cwd, manifest), "{}");
    for (const [file, text] of Object.entries(files)) await writeFile(join(cwd, file), text);
    const cache = join(folder, "cache");
    const caches = { npm_config_cache: cache, BUN_INSTALL_CACHE_DIR: cache, DENO_DIR: cache };
    await run(cwd, install, { NPM_CONFIG_REGISTRY: registry.url, ...caches });
    return cwd;
  }

  /** Serves a project like many hosts: a missing file is the page, with the status 200. The API is below /api. */
  async function host(cwd) {
    const site = await startApi(async (url) => {
      if (url.startsWith("/api/")) {
        const response = await fetch(`${api.url}${url.slice("/api".length)}`);
        return respond(response.status, response.headers.get("content-type"), await response.text());
      }
      const path = new URL(url, "http://host").pathname;
      const body = path.endsWith("/") ? undefined : await readFile(join(cwd, path)).catch(() => undefined);
      return body ? respond(200, TYPES[extname(path)], body) : respond(200, "text/html", await readFile(join(cwd, "index.html")));
    });
    servers.push(site);
    return `${site.url}/`;
  }

  /** Starts a tool that serves the project, and returns its URL. */
  async function serve(cwd, command) {
    const server = await start(cwd, command);
    servers.push(server);
    return `${server.url}/`;
  }

  async function close() {
    for (const server of [registry, api, ...servers]) server.close();
    await rm(folder, { recursive: true, force: true });
  }

  return { api, project, host, serve, close };
}
