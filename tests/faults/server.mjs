// A server on loopback that plays each fault over real sockets, as the table describes it.
import { setTimeout as sleep } from "node:timers/promises";

import { listen } from "../package/api.mjs";

/** A promise that others fulfil. */
function event() {
  let happen;
  const happened = new Promise((resolve) => (happen = resolve));
  return { happen, happened };
}

/** The bytes of a body. `$AUTHORIZATION` in a text stands for what the request had there, `$PIECE` for a part of it. */
function bytes(body, request) {
  if (typeof body !== "string") return body;
  const { authorization = "" } = request.headers;
  return Buffer.from(body.replaceAll("$AUTHORIZATION", authorization).replaceAll("$PIECE", authorization.slice(12, 24)));
}

/** Writes until the other side closes; gives how many bytes that were. */
async function writeForEver(socket, piece) {
  let written = 0;
  while (!socket.destroyed) {
    written += piece.length;
    if (socket.write(piece)) continue;
    // Not `once` of node:events, which rejects on the reset that is to be expected.
    await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
  }
  return written;
}

/**
 * Plays an answer:
 * - `before`: what comes instead of an answer: "reset", "close" or "stall"
 * - `status`, `type` (null for none), `headers` (pairs, as a name may come twice), `date` (null for none), `body`
 * - `cors`: the headers that a page of another origin may see
 * - `raw`: these characters instead of a head and a body
 * - `length`: what Content-Length claims; without it the body is chunked
 * - `then`: what follows the body. Nothing is the end that was announced; "close" comes before it, "reset when seen" once the
 *   client has the head, "stall" is nothing more, "repeat" is `again`, else the body, for ever
 * - `every`: milliseconds between the bytes of the body
 */
async function play(answer, request, response, call) {
  const { socket } = request;
  if (answer.before === "reset") return socket.resetAndDestroy();
  if (answer.before === "close") return socket.destroy();
  if (answer.before === "stall") return undefined;
  if (answer.raw !== undefined) return socket.end(bytes(answer.raw, request));

  const { status = 200, type = "application/hal+json", date = new Date().toUTCString(), then, every } = answer;
  const body = bytes(answer.body ?? "", request);
  // A connection that serves a second call could not be told from one that breaks off, which browsers try again silently.
  const headers = [...(then === undefined ? [["connection", "close"]] : []), ...(answer.headers ?? [])];
  if (type !== null) headers.push(["content-type", type]);
  if (date !== null) headers.push(["date", date]);
  if (answer.cors) headers.push(["access-control-allow-origin", "*"], ["access-control-expose-headers", answer.cors.join()]);
  if (answer.length !== undefined) headers.push(["content-length", String(answer.length)]);
  response.sendDate = false;
  // Pairs in a row: an object would hold each name once.
  response.writeHead(
    status,
    headers.flat().map((text) => bytes(text, request).toString()),
  );
  response.flushHeaders();

  if (then === "repeat") {
    if (answer.again) response.write(body);
    return call.written.happen(await writeForEver(socket, chunk(answer.again ?? body)));
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
      throw new Error(`nobody knows how to ${then}`);
  }
}

const chunk = (body) => Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);

/** Starts the server. `files` gives the handler of a path that is none of a call's, such as a page's. */
export async function startFaults(files) {
  const calls = [];
  const strays = [];
  const elsewhere = await listen((request, response) => {
    strays.push(`${request.method} ${request.url}`);
    response.end();
  });
  const server = await listen(async (request, response) => {
    const [, id, control, path] = /^\/call\/(\d+)(?:\/(arrived|seen)$|(\/.*))/.exec(request.url) ?? [];
    const call = calls[id];
    if (call === undefined) {
      const file = await files(request.url);
      if (file) return file(request, response);
      strays.push(`${request.method} ${request.url}`);
      return response.writeHead(404).end();
    }
    if (control === "arrived") {
      await call.arrived.happened;
      return response.end();
    }
    if (control === "seen") {
      call.seen.happen();
      return response.end();
    }
    const given = Array.isArray(call.answer) ? call.answer[Math.min(call.requests.length, call.answer.length - 1)] : call.answer;
    const answer =
      typeof given === "function" ? given({ now: Date.now(), path, origin: server.url, elsewhere: elsewhere.url }) : given;
    if (request.method === "OPTIONS") {
      const allow = { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization" };
      return response.writeHead(204, answer.cors && allow).end();
    }
    call.requests.push({ method: request.method, path, headers: request.headers });
    call.arrived.happen();
    return play(answer, request, response, call);
  });
  return {
    url: server.url,
    /** What came to no call, and to the other origin, where nothing may ever come. */
    strays,
    /** Makes a call's address, at which this is played. */
    expect(answer) {
      const call = { answer, requests: [], arrived: event(), seen: event(), written: event() };
      const id = calls.push(call) - 1;
      return Object.assign(call, { baseUrl: `${server.url}/call/${id}` });
    },
    /** An address at which nobody listens. */
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
