// The sample API over real loopback HTTP, with the faults that it does not play by itself.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { sampleApi } from "../../www/sample-api.js";

const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** The media types of what is served from files, by their extensions. */
export const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** A handler that always answers so. */
export const answer = (status, type, body, headers) => (_, response) => {
  response.writeHead(status, { ...(type && { "content-type": type }), ...headers }).end(body);
};

const usage = (body) => answer(200, "application/hal+json", body);

/** Below `/fault/<name>` the API plays the fault of that name. */
const FAULTS = {
  "wrong-type": usage(`{"usage":{"tests":[${"{},".repeat(17)}{"cloudUnitsUsed":"5"}]}}`),
  "beyond-2-pow-53": usage('{"usage":{"cloudUnitsUsed":9007199254740993}}'),
  "every-field": usage(fixture("usage.json")),
  "not-json": usage("It works!"),
  "html": answer(200, "text/html", fixture("gateway.html")),
  "no-media-type": answer(200, undefined, "{}"),
  "problem-400": answer(400, "application/problem+json", fixture("problem.json")),
  "oauth-401": answer(401, "application/json", fixture("oauth.json")),
  "lying-403": answer(403, "application/json", '{"status":200,"title":"OK"}'),
  "errors-text-404": answer(404, "application/json", fixture("errors-text.json")),
  "empty-429": answer(429, undefined, ""),
  "error-message-500": answer(500, "application/json", fixture("error-message.json")),
  "html-502": answer(502, "text/html", fixture("gateway.html")),
  "teapot": answer(418, undefined, ""),
  "no-content": answer(204, undefined, undefined),
  "redirect": (request, response) => {
    response.writeHead(302, { location: `http://${request.headers.host}/v7/usage` }).end();
  },
  "redirect-elsewhere": (request, response, { elsewhere }) => {
    response.writeHead(302, { location: `${elsewhere}/v7/usage` }).end();
  },
  "echo": (request, response) => {
    const detail = `refused: ${request.headers.authorization}`;
    answer(401, "application/json", JSON.stringify({ error: "invalid_token", error_description: detail }))(request, response);
  },
  "reset": (_, response) => response.destroy(),
  "reset-in-body": (_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"usage":', () => response.destroy());
  },
  "stalled-headers": () => {},
  "stalled-body": (_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write('{"usage":');
  },
};

async function listen(handler) {
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

/**
 * Starts the API. `requests` keeps what came in; `elsewhere` is another origin, and nothing may ever come in there.
 * `more` may give the handler of another path, such as a page's; `extra` headers go with each answer of the sample.
 */
export async function startApi(more = () => undefined, extra = {}) {
  const requests = [];
  const strays = [];
  const busy = new Set();
  const elsewhere = await listen((request, response) => {
    strays.push(request.url);
    response.end();
  });
  const api = await listen(async (request, response) => {
    const other = await more(request.url);
    if (other) return other(request, response);
    const { method, url, headers } = request;
    requests.push({ method, url, headers });
    const [, name, path] = /^\/fault\/([^/]+)(\/.*)$/.exec(url) ?? [undefined, undefined, url];
    if (name === "busy-once" && !busy.has(path)) {
      busy.add(path);
      answer(503, undefined, "", { "retry-after": "0" })(request, response);
    } else if (Object.hasOwn(FAULTS, name)) {
      FAULTS[name](request, response, { elsewhere: elsewhere.url });
    } else {
      const sample = await sampleApi(new Request(`${api.url}${path}`, { method, headers }), "");
      response.writeHead(sample.status, { ...Object.fromEntries(sample.headers), ...extra });
      response.end(Buffer.from(await sample.arrayBuffer()));
    }
  });
  return {
    url: api.url,
    requests,
    strays,
    /** A port of this machine where nobody listens. */
    async refused() {
      const server = await listen(() => {});
      server.close();
      return server.url;
    },
    close() {
      api.close();
      elsewhere.close();
    },
  };
}
