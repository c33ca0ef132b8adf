/** Who may read: viewers that Cloudflare Access has let in, holders of a key, or both. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";

import { problem } from "./problem.js";
import { within } from "./usage.js";

// What Access signs with; a token may not choose.
const ALG = "RS256";
// A key that Access has withdrawn opens for no longer.
const KEYS_FRESH_MS = 10 * 60_000;
const FETCH_MS = 5000;
const COOL_DOWN_MS = 30_000;
const COOL_DOWN_AFTER_FAILURE_MS = 5000;

class KeysUnavailable extends Error {}

/**
 * @param {import("./config.js").Config} config
 * @param {() => number} now
 * @returns {(request: Request, ctx: ExecutionContext) => Promise<Response | undefined>} the answer for whom is not let in
 */
export function createDoor({ access, keys }, now) {
  const verifyAccess = access && createAccess(access, now);
  return async (request, ctx) => {
    if (keys && (await hasKey(request, keys))) return undefined;
    try {
      if (verifyAccess && (await verifyAccess(request, ctx))) return undefined;
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw error;
      const detail = "Cloudflare Access could not be asked for its keys, so nobody can be let in by it.";
      return problem(503, detail, {}, { "retry-after": String(COOL_DOWN_AFTER_FAILURE_MS / 1000) });
    }
    const ways = [access && "log in by Cloudflare Access", keys && "send a viewer key as bearer token"].filter(Boolean);
    const headers = keys ? { "www-authenticate": 'Bearer realm="thousandeyes-usage"' } : {};
    return problem(401, `This is for known viewers: ${ways.join(", or ")}.`, {}, headers);
  };
}

/** Whether the viewer has one of the keys. It takes as long for each, so that no answer's time tells how near a guess came. */
async function hasKey(request, keys) {
  const [, presented = ""] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const hash = await sha256(presented);
  let found = false;
  for (const key of keys) {
    const same = crypto.subtle.timingSafeEqual(hash, await sha256(key));
    found ||= same;
  }
  return found;
}

const sha256 = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));

function createAccess({ issuer, audience }, now) {
  const keys = createKeys(`${issuer}/cdn-cgi/access/certs`, now);
  return async (request, ctx) => {
    const token = request.headers.get("cf-access-jwt-assertion") ?? cookie(request, "CF_Authorization");
    if (!token || !isPlausible(token, issuer, audience, now)) return false;
    try {
      await jwtVerify(token, (header, jws) => keys(header, jws, ctx), {
        issuer,
        audience,
        algorithms: [ALG],
        // Without it, a token that has none would never expire.
        requiredClaims: ["exp"],
        currentDate: new Date(now()),
      });
      return true;
    } catch (error) {
      if (error instanceof errors.JOSEError) return false;
      throw error;
    }
  };
}

/** Whether the token is worth a fetch of keys. Nothing of it is verified yet. */
function isPlausible(token, issuer, audience, now) {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    const { iss, aud, exp } = decodeJwt(token);
    return alg === ALG && typeof kid === "string" && iss === issuer && [aud].flat().includes(audience) && exp > now() / 1000;
  } catch {
    return false;
  }
}

/**
 * The keys of Access, fetched once at a time and with pauses: a kid costs nothing to make up. Not jose's own remote set,
 * which on Workers fetches for each request that comes before an answer, and again at once after a failure.
 */
function createKeys(url, now) {
  let keysOf;
  let kids = new Set();
  let staleAt = 0;
  let nextAt = 0;
  let hasFailed = true;
  let running;

  async function load() {
    try {
      const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(FETCH_MS) });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      const set = await response.json();
      keysOf = createLocalJWKSet(set);
      kids = new Set(set.keys.map(({ kid }) => kid));
      staleAt = now() + KEYS_FRESH_MS;
      hasFailed = false;
    } catch {
      hasFailed = true;
      nextAt = now() + COOL_DOWN_AFTER_FAILURE_MS;
    }
  }

  return async (header, jws, ctx) => {
    if (!kids.has(header.kid) || now() >= staleAt) {
      if (now() >= nextAt) {
        // From the start, so that a fetch which the runtime ends with its request is not waited for for ever.
        nextAt = now() + COOL_DOWN_MS;
        running = load();
        ctx.waitUntil(running);
      }
      await within(2 * FETCH_MS, running);
    }
    if (hasFailed && !kids.has(header.kid)) throw new KeysUnavailable();
    return keysOf(header, jws);
  };
}

function cookie(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
