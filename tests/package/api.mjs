// The sample API over real loopback HTTP.
import { once } from "node:events";
import { createServer } from "node:http";

import { sampleApi } from "../../www/sample-api.js";

/** The media types of files, by extension. */
export const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** All headers that the package reads, beside the type of the body. */
export const HEADERS = {
  "retry-after": "3600",
  "x-request-id": "abc",
  "x-organization-rate-limit-limit": "240",
  "x-organization-rate-limit-remaining": "0",
  "x-organization-rate-limit-reset": "4000000000",
};

/** A handler whose responses are always the same. */
export const respond = (status, type, body, headers) => (_, response) => {
  response.writeHead(status, { ...(type && { "content-type": type }), ...headers }).end(body);
};

/** Starts a server on loopback. */
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

/** Sends the response of the sample API. */
export async function answerSample({ method, url, headers }, response, extra = {}) {
  const sample = await sampleApi(new Request(`http://api${url}`, { method, headers }), "");
  response.writeHead(sample.status, { ...Object.fromEntries(sample.headers), ...extra });
  response.end(Buffer.from(await sample.arrayBuffer()));
}

/**
 * Starts the sample API. `requests` has its requests. `handlerOf` may return the handler of another path, such as that of a
 * page. The sample's responses have the `extra` headers.
 */
export async function startApi(handlerOf = () => undefined, extra = {}) {
  const requests = [];
  const api = await listen(async (request, response) => {
    const handler = await handlerOf(request.url);
    if (handler) return handler(request, response);
    const { method, url, headers } = request;
    requests.push({ method, url, headers });
    return answerSample(request, response, extra);
  });
  return { url: api.url, requests, close: api.close };
}
