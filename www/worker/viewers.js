/** Who may read: viewers that Cloudflare Access has let in, holders of a key, or both. */
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

import { problem } from "./problem.js";

// What concerns the token that was presented; anything else that goes wrong with the keys is theirs.
const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

class KeysUnavailable extends Error {}

/**
 * @param {import("./config.js").Config} config
 * @param {() => number} now
 * @returns {(request: Request) => Promise<Response | undefined>} the answer for whom is not let in
 */
export function createDoor({ access, keys }, now) {
  const verifyAccess = access && createAccess(access, now);
  return async (request) => {
    if (keys && (await hasKey(request, keys))) return undefined;
    try {
      if (verifyAccess && (await verifyAccess(request))) return undefined;
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw error;
      const detail = "Cloudflare Access could not be asked for its keys, so nobody can be let in by it.";
      return problem(503, detail, {}, { "retry-after": "10" });
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
  const remote = createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`));
  const keyOf = async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      throw OF_THE_TOKEN.some((type) => error instanceof type) ? error : new KeysUnavailable();
    }
  };
  return async (request) => {
    const token = request.headers.get("cf-access-jwt-assertion") ?? cookie(request, "CF_Authorization");
    if (!token) return false;
    try {
      await jwtVerify(token, keyOf, {
        issuer,
        audience,
        // What Access signs with; a token may not choose.
        algorithms: ["RS256"],
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

function cookie(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
