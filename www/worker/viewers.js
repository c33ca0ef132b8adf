/** Identifies viewers: by Cloudflare Access, by a viewer key, or by either. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";

import { problem } from "./problem.js";
import { within } from "./usage.js";

// The algorithm of Access. A token must not choose another.
const ALG = "RS256";
// How long a key is accepted after Access has withdrawn it.
const KEYS_FRESH_MS = 10 * 60_000;
const FETCH_MS = 5000;
const COOL_DOWN_MS = 30_000;
const COOL_DOWN_AFTER_FAILURE_MS = 5000;

class KeysUnavailable extends Error {}

/**
 * @param {import("./config.js").Config} config
 * @param {() => number} now
 * @returns {(request: Request, ctx: ExecutionContext) => Promise<Response | undefined>} the response to a stranger; undefined
 *   for a viewer
 */
export function createViewerCheck({ access, keys }, now) {
  const verifyAccess = access && createAccess(access, now);
  return async (request, ctx) => {
    if (keys && (await hasKey(request, keys))) return undefined;
    try {
      if (verifyAccess && (await verifyAccess(request, ctx))) return undefined;
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw error;
      const detail = "The keys of Cloudflare Access could not be fetched, so its tokens cannot be verified.";
      return problem(503, detail, {}, { "retry-after": String(COOL_DOWN_AFTER_FAILURE_MS / 1000) });
    }
    const byAccess = access && "log in through Cloudflare Access";
    const byKey = keys && "send a viewer key as the bearer token";
    const headers = keys ? { "www-authenticate": 'Bearer realm="thousandeyes-usage"' } : {};
    return problem(401, `Only known viewers have access: ${[byAccess, byKey].filter(Boolean).join(", or ")}.`, {}, headers);
  };
}

/** Whether the request has a viewer key. Every key is compared in constant time, so the duration reveals nothing about them. */
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
    const token = request.headers.get("cf-access-jwt-assertion") ?? cookieValue(request, "CF_Authorization");
    if (!token || !isPlausible(token, issuer, audience, now)) return false;
    try {
      await jwtVerify(token, (header, jws) => keys(header, jws, ctx), {
        issuer,
        audience,
        algorithms: [ALG],
        // Without this, a token without `exp` would never expire.
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

/** Whether the token's claims justify fetching the keys. The signature is not verified yet. */
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
 * The keys of Access. They are fetched once at a time and with pauses, because anybody can invent a `kid`. jose's remote set
 * does not do this on Workers: each request before the first response fetches, and so does each one after a failure.
 */
function createKeys(url, now) {
  let keysOf;
  let kids = new Set();
  let staleAt = 0;
  let nextAt = 0;
  let hasFailed = true;
  let loading;

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
        // Set before the fetch: if the runtime ends the fetch with its request, a later request starts another.
        nextAt = now() + COOL_DOWN_MS;
        loading = load();
        ctx.waitUntil(loading);
      }
      await within(2 * FETCH_MS, loading);
    }
    if (hasFailed && !kids.has(header.kid)) throw new KeysUnavailable();
    return keysOf(header, jws);
  };
}

function cookieValue(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
