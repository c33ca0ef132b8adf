// Who is a viewer: by Cloudflare Access, by a viewer key, or by either.
import assert from "node:assert/strict";
import { test } from "node:test";

import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { fetch as passThrough, Response } from "miniflare";

import { assertProblem, assertResponse, KEY, KEYS, MINUTE, OTHER_KEY, start, TOKEN, USAGE } from "./gateway.mjs";

const TEAM = "example-team.cloudflareaccess.com";
const ISSUER = `https://${TEAM}`;
const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const EMAIL = "viewer@example.com";
const OTHER_TEAM = { iss: "https://other-team.cloudflareaccess.com" };
const OTHER_APPLICATION = { aud: ["0".repeat(64)] };
const HOUR_S = 3600;

const [accessKey, otherKey] = await Promise.all([0, 1].map(() => generateKeyPair("RS256", { extractable: true })));
const now = () => Math.floor(Date.now() / 1000);

/** A token as Access signs it, with changes. */
function sign({ key = accessKey.privateKey, alg = "RS256", kid = "current", ...claims } = {}) {
  const lifetime = { iat: now(), nbf: now(), exp: now() + HOUR_S };
  const payload = { aud: [AUD], email: EMAIL, iss: ISSUER, type: "app", sub: "7335d417", ...lifetime, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key);
}

/** Starts a gateway behind Access. `certs` may respond with other keys than those of Access. */
async function startBehindAccess(t, { certs = (keys) => Response.json({ keys }), ...bindings } = {}) {
  const jwk = { ...(await exportJWK(accessKey.publicKey)), kid: "current", alg: "RS256", use: "sig" };
  // This key does not name its algorithm, so the gateway must.
  const keys = [jwk, { ...jwk, kid: "any", alg: undefined }];
  const keyRequests = [];
  const outboundService = (request) => {
    if (!request.url.includes("cloudflareaccess.com")) return passThrough(request);
    keyRequests.push(request.url);
    return certs(keys);
  };
  const { gateway, upstream } = await start(t, {
    bindings: { VIEWER_KEYS: undefined, ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUD, ...bindings },
    runtime: { outboundService },
  });
  const getAs = (jwt, path = USAGE) => gateway.getWithoutKey(path, { headers: { "cf-access-jwt-assertion": jwt } });
  /** The responses to simultaneous requests, each with a token of an unknown key. */
  const getAsStrangers = (count, claims) => Promise.all(Array.from({ length: count }, async () => (
    getAs(await sign({ key: otherKey.privateKey, kid: crypto.randomUUID(), ...claims }))
  )));
  return { gateway, upstream, keyRequests, getAs, getAsStrangers };
}

const CHALLENGE = { "www-authenticate": 'Bearer realm="thousandeyes-usage"' };

async function assertUnauthorized(response, upstream, headers = {}) {
  await assertProblem(response, 401, { "cache-control": "no-store", ...headers });
  assert.deepEqual(upstream.requests, []);
}

test("a viewer of Access, or a service token without an e-mail, is known by the header or the cookie", async (t) => {
  const { gateway, getAs, keyRequests, upstream } = await startBehindAccess(t);
  for (const claims of [{}, { email: undefined, common_name: "prometheus.access", sub: "" }]) {
    const jwt = await sign(claims);
    for (const path of [USAGE, "/metrics"]) assertResponse(await getAs(jwt, path), 200);
    const cookie = `theme=dark; CF_Authorization=${jwt}; x=y`;
    assertResponse(await gateway.getWithoutKey(USAGE, { headers: { cookie } }), 200);
  }
  assert.deepEqual(keyRequests, [`${ISSUER}/cdn-cgi/access/certs`]);
  assert.equal(upstream.requests[0].headers["cf-access-jwt-assertion"], undefined);
  assert.ok(!(await gateway.stop()).includes(EMAIL));
});

test("with Access only, a request without a token is not asked for a viewer key", async (t) => {
  const { gateway, upstream } = await startBehindAccess(t);
  for (const path of [USAGE, "/metrics"]) {
    await assertUnauthorized(await gateway.getWithoutKey(path), upstream, { "www-authenticate": null });
  }
});

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const encodedClaims = () => encode({ aud: [AUD], iss: ISSUER, exp: now() + HOUR_S });

async function asPs256(key) {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", key);
  return crypto.subtle.importKey("pkcs8", pkcs8, { name: "RSA-PSS", hash: "SHA-256" }, false, ["sign"]);
}

const INVALID_TOKENS = {
  "signed by another key": () => sign({ key: otherKey.privateKey }),
  "signed by another key with another name": () => sign({ key: otherKey.privateKey, kid: "other" }),
  "without a signature": () => `${encode({ alg: "none", kid: "current" })}.${encodedClaims()}.`,
  "signed with HMAC by the public key": async () =>
    sign({ alg: "HS256", key: new TextEncoder().encode(await exportSPKI(accessKey.publicKey)) }),
  "signed by the right key with another algorithm": async () =>
    sign({ alg: "PS256", kid: "any", key: await asPs256(accessKey.privateKey) }),
  "with replaced claims": async () => (await sign({ exp: now() - HOUR_S })).replace(/\..+\./, `.${encodedClaims()}.`),
  "that has expired": () => sign({ exp: now() - 1 }),
  "without an expiry": () => sign({ exp: undefined }),
  "that is not valid yet": () => sign({ nbf: now() + HOUR_S }),
  "for another application": () => sign(OTHER_APPLICATION),
  "for no application": () => sign({ aud: undefined }),
  "of another team": () => sign(OTHER_TEAM),
  "that is not a JWT": () => "x.y.z",
};

test("an invalid token of Access is rejected", async (t) => {
  const { getAs, gateway, upstream } = await startBehindAccess(t);
  for (const [what, createToken] of Object.entries(INVALID_TOKENS)) {
    await t.test(`a token ${what}`, async () => {
      const jwt = await createToken();
      await assertUnauthorized(await getAs(jwt), upstream);
      await assertUnauthorized(await gateway.getWithoutKey(USAGE, { headers: { cookie: `CF_Authorization=${jwt}` } }), upstream);
    });
  }
  assertResponse(await getAs(await sign()), 200);
});

test("a token is rejected once it has expired", async (t) => {
  const { getAs, gateway } = await startBehindAccess(t);
  const jwt = await sign({ exp: now() + HOUR_S });
  assertResponse(await getAs(jwt), 200);
  await gateway.advance((HOUR_S + 1) * 1000);
  await assertProblem(await getAs(jwt), 401);
});

const sendError = () => new Response("sorry", { status: 500 });

for (const [what, certs] of Object.entries({
  "cannot be reached": () => { throw new Error("no route"); },
  "are a 500": sendError,
  "are not JSON": () => new Response("<html>"),
  "are not a key set": () => Response.json({ keys: "none" }),
})) {
  test(`while the keys of Access ${what}, a token gets a time to retry, and a viewer key is accepted`, async (t) => {
    const { getAs, gateway, upstream } = await startBehindAccess(t, { certs, VIEWER_KEYS: KEYS });
    await assertProblem(await getAs(await sign()), 503, { "retry-after": [1, 5] });
    assert.deepEqual(upstream.requests, []);
    assertResponse(await gateway.get(USAGE), 200);
  });
}

test("unknown keys cost Access one request per half minute", async (t) => {
  const { getAs, getAsStrangers, keyRequests, gateway, upstream } = await startBehindAccess(t);
  for (const [count, requests, wait] of [[20, 1, 0], [5, 1, 29_000], [20, 2, 2000]]) {
    await gateway.advance(wait);
    for (const response of await getAsStrangers(count)) await assertUnauthorized(response, upstream);
    assert.equal(keyRequests.length, requests);
  }
  assertResponse(await getAs(await sign()), 200);
});

test("a token whose claims are wrong costs Access no request", async (t) => {
  const { getAsStrangers, keyRequests, upstream } = await startBehindAccess(t);
  for (const claims of [OTHER_TEAM, OTHER_APPLICATION, { exp: now() - 1 }]) {
    for (const response of await getAsStrangers(1, claims)) await assertUnauthorized(response, upstream);
  }
  assert.deepEqual(keyRequests, []);
});

test("while the keys of Access fail, they are requested every five seconds, and a known key is accepted", async (t) => {
  let fails = true;
  const certs = (keys) => (fails ? sendError() : Response.json({ keys }));
  const { getAs, getAsStrangers, keyRequests, gateway } = await startBehindAccess(t, { certs });
  for (const response of await getAsStrangers(10)) await assertProblem(response, 503);
  await assertProblem(await getAs(await sign()), 503);
  assert.equal(keyRequests.length, 1);
  fails = false;
  await gateway.advance(5001);
  assertResponse(await getAs(await sign()), 200);
  assert.equal(keyRequests.length, 2);
  fails = true;
  await gateway.advance(31_000);
  for (const response of await getAsStrangers(2)) await assertProblem(response, 503);
  assertResponse(await getAs(await sign()), 200);
  assert.equal(keyRequests.length, 3);
});

test("a key that Access has withdrawn is accepted for at most ten minutes", async (t) => {
  let withdrawn = false;
  const { getAs, gateway } = await startBehindAccess(t, { certs: (keys) => Response.json({ keys: withdrawn ? [] : keys }) });
  const jwt = await sign();
  assertResponse(await getAs(jwt), 200);
  withdrawn = true;
  await gateway.advance(10 * MINUTE + 1);
  await assertProblem(await getAs(jwt), 401);
});

test("with Access and viewer keys, either is enough", async (t) => {
  const { getAs, gateway, upstream } = await startBehindAccess(t, { VIEWER_KEYS: KEYS });
  const headers = { authorization: "Bearer no", "cf-access-jwt-assertion": "x.y.z" };
  await assertUnauthorized(await gateway.getWithoutKey(USAGE, { headers }), upstream, CHALLENGE);
  assertResponse(await getAs(await sign()), 200);
  assertResponse(await gateway.get(USAGE), 200);
});

test("each viewer key is accepted", async (t) => {
  const { gateway, upstream } = await start(t);
  for (const authorization of [`Bearer ${KEY}`, `bearer ${KEY}`, `Bearer ${OTHER_KEY}`]) {
    assertResponse(await gateway.getWithoutKey(USAGE, { headers: { authorization } }), 200);
  }
  assert.deepEqual(upstream.requests.map(({ headers }) => headers.authorization), [`Bearer ${TOKEN}`]);
});

test("a value that is not exactly a viewer key is rejected", async (t) => {
  const { gateway, upstream } = await start(t);
  for (const authorization of [
    "", "Bearer", "Bearer ", KEY, `Basic ${KEY}`, `Bearer ${KEY.slice(0, -1)}`, `Bearer ${KEY}0`, `Bearer ${KEY.toUpperCase()}`,
    `Bearer ${KEY} ${KEY}`, `Bearer ${KEY}, Bearer ${OTHER_KEY}`, `Bearer alice:${KEY}`, "Bearer alice", `Bearer ${TOKEN}`,
  ]) {
    await assertUnauthorized(await gateway.getWithoutKey(USAGE, { headers: { authorization } }), upstream, CHALLENGE);
  }
  await assertUnauthorized(await gateway.getWithoutKey(`${USAGE}?token=${KEY}`), upstream);
  await assertUnauthorized(await gateway.getWithoutKey(USAGE, { headers: { cookie: `CF_Authorization=${KEY}` } }), upstream);
});
