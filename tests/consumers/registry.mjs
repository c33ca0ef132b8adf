// A registry of one package on loopback, so that tools install the package by its name.
import { createHash } from "node:crypto";

import { listen, respond } from "../package/api.mjs";

/** @param {Buffer} tarball @param {{ name: string, version: string }} manifest the tarball's package.json */
export async function startRegistry(tarball, manifest) {
  const { name, version } = manifest;
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const registry = await listen((request, response) => {
    if (request.url === `/${name}.tgz`) return response.end(tarball);
    if (request.url !== `/${name}`) return response.writeHead(404).end("{}");
    const dist = { tarball: `${registry.url}/${name}.tgz`, integrity };
    const document = { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
    return respond(200, "application/json", JSON.stringify(document))(request, response);
  });
  return registry;
}
