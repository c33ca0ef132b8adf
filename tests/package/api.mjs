// The sample API over real loopback HTTP.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { sampleApi } from "../../www/sample-api.js";

/** The media types of what is served from files, by their extensions. */
export const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** A handler that always answers so. */
export const answer = (status, type, body, headers) => (_, response) => {
  response.writeHead(status, { ...(type && { "content-type": type }), ...headers }).end(body);
};

/** Listens on a port of this machine. */
export async function listen(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Answers as the sample API does. */
export async function answerSample({ method, url, headers }, response, extra = {}) {
  const sample = await sampleApi(new Request(`http://api${url}`, { method, headers }), "");
  response.writeHead(sample.status, { ...Object.fromEntries(sample.headers), ...extra });
  response.end(Buffer.from(await sample.arrayBuffer()));
}

/**
 * Starts the API. `requests` keeps what came in. Below `/every-field` it answers with every field that there is.
 * `more` may give the handler of another path, such as a page's; `extra` headers go with each answer of the sample.
 */
export async function startApi(more = () => undefined, extra = {}) {
  const requests = [];
  const everyField = answer(200, "application/hal+json", await readFile(new URL("../fixtures/usage.json", import.meta.url)));
  const api = await listen(async (request, response) => {
    const other = await more(request.url);
    if (other) return other(request, response);
    const { method, url, headers } = request;
    requests.push({ method, url, headers });
    if (url.startsWith("/every-field/")) return everyField(request, response);
    return answerSample(request, response, extra);
  });
  return { url: api.url, requests, close: api.close };
}
