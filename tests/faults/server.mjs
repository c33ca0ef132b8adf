// A server on loopback that plays the failures of the table over real sockets.
import { setTimeout as sleep } from "node:timers/promises";

import { listen } from "../package/api.mjs";

/** An event that can be awaited. */
function event() {
  let happen;
  const happened = new Promise((resolve) => (happen = resolve));
  return { happen, happened };
}

/** The bytes of a body. In a string, `$AUTHORIZATION` is replaced by the header of the request, and `$PART` by a part of it. */
function bytes(body, request) {
  if (typeof body !== "string") return body;
  const { authorization = "" } = request.headers;
  return Buffer.from(body.replaceAll("$AUTHORIZATION", authorization).replaceAll("$PART", authorization.slice(12, 24)));
}

/** Writes until the client closes the connection, and returns the number of bytes. */
async function writeForEver(socket, chunk) {
  let written = 0;
  while (!socket.destroyed) {
    written += chunk.length;
    if (socket.write(chunk)) continue;
    // `once` of node:events would reject when the client resets the connection.
    await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
  }
  return written;
}

/**
 * Plays a response:
 * - `before`: what happens instead of it: "reset", "close" or "stall"
 * - `status`, `type` (null for none), `headers` (pairs, as a name may come twice), `date` (null for none), `body`
 * - `cors`: the headers that a page of another origin may see
 * - `raw`: the bytes of the whole response
 * - `length`: the Content-Length; without it the body is chunked
 * - `then`: what follows the body. Without it the response ends; "close" closes before the end, "reset when seen" resets once the
 *   client has the headers, "stall" keeps the connection open, "repeat" writes `again` without end, or the body if there is no
 *   `again`
 * - `every`: milliseconds between the bytes of the body
 */
async function play(planned, request, response, call) {
  const { socket } = request;
  if (planned.before === "reset") return socket.resetAndDestroy();
  if (planned.before === "close") return socket.destroy();
  if (planned.before === "stall") return socket.once("close", call.closed.happen);
  if (planned.raw !== undefined) return socket.end(bytes(planned.raw, request));

  const { status = 200, type = "application/hal+json", date = new Date().toUTCString(), then, every } = planned;
  const body = bytes(planned.body ?? "", request);
  // If a reused connection fails, browsers send the request again silently.
  const headers = [...(then === undefined ? [["connection", "close"]] : []), ...(planned.headers ?? [])];
  if (type !== null) headers.push(["content-type", type]);
  if (date !== null) headers.push(["date", date]);
  if (planned.cors) headers.push(["access-control-allow-origin", "*"], ["access-control-expose-headers", planned.cors.join()]);
  if (planned.length !== undefined) headers.push(["content-length", String(planned.length)]);
  response.sendDate = false;
  // A flat list, because an object would have each name once.
  response.writeHead(status, headers.flat().map((text) => bytes(text, request).toString()));
  response.flushHeaders();

  if (then === "repeat") {
    if (planned.again) response.write(body);
    return call.written.happen(await writeForEver(socket, chunked(planned.again ?? body)));
  }
  if (every) {
    for (const byte of body) {
      if (socket.destroyed) return undefined;
      response.write(Buffer.of(byte));
      await sleep(every);
    }
  } else if (body.length > 0 && then !== undefined) {
    await new Promise((resolve) => response.write(body, resolve));
  }
  switch (then) {
    case undefined:
      return response.end(every ? undefined : body);
    case "close":
      return socket.end();
    case "reset when seen":
      await call.seen.happened;
      return socket.resetAndDestroy();
    case "stall":
      return undefined;
    default:
      throw new Error(`a body cannot be followed by ${then}`);
  }
}

const chunked = (body) => Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);

/** Starts the server. `files` returns the handler of other paths, such as that of a page. */
export async function startServer(files) {
  const calls = [];
  const strays = [];
  const elsewhere = await listen((request, response) => {
    strays.push(`${request.method} ${request.url}`);
    response.end();
  });
  const server = await listen(async (request, response) => {
    const [, id, control, path] = /^\/call\/(\d+)(?:\/(arrived|seen|closed)$|(\/.*))/.exec(request.url) ?? [];
    const call = calls[id];
    if (call === undefined) {
      const file = await files(request.url);
      if (file) return file(request, response);
      strays.push(`${request.method} ${request.url}`);
      return response.writeHead(404).end();
    }
    if (control === "arrived") await call.arrived.happened;
    if (control === "closed") await call.closed.happened;
    if (control === "seen") call.seen.happen();
    if (control) return response.end();
    const all = [call.response].flat();
    const next = all[Math.min(call.requests.length, all.length - 1)];
    const place = { path, origin: server.url, elsewhere: elsewhere.url };
    const planned = typeof next === "function" ? next({ now: Date.now(), ...place }) : next;
    if (request.method === "OPTIONS") {
      const allow = { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization" };
      return response.writeHead(204, planned.cors && allow).end();
    }
    call.requests.push({ method: request.method, path, headers: request.headers });
    if (call.requests.length >= all.length) call.arrived.happen();
    return play(planned, request, response, call);
  });
  return {
    url: server.url,
    /** The requests to other paths, and to the other origin. */
    strays,
    /** Returns a call with the URL at which this response is played. */
    expect(planned) {
      const call = { response: planned, requests: [], arrived: event(), seen: event(), written: event(), closed: event() };
      const id = calls.push(call) - 1;
      return Object.assign(call, { baseUrl: `${server.url}/call/${id}` });
    },
    /** Returns a URL that refuses connections. */
    async refused() {
      const gone = await listen(() => {});
      gone.close();
      return gone.url;
    },
    close() {
      server.close();
      elsewhere.close();
    },
  };
}
