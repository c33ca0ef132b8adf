// A registry of one package, on loopback: whoever installs it names it, as everybody does.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

/** @param {Buffer} tarball @param {{ name: string, version: string }} manifest the tarball's package.json */
export async function startRegistry(tarball, manifest) {
  const { name, version } = manifest;
  const server = createServer((request, response) => {
    if (request.url === `/${name}`) {
      const dist = {
        tarball: `${url}/${name}.tgz`,
        integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
      };
      const versions = { [version]: { ...manifest, dist } };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
    } else if (request.url === `/${name}.tgz`) {
      response.end(tarball);
    } else {
      response.writeHead(404).end("{}");
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
