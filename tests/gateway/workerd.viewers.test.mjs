// Who may read: viewers by Cloudflare Access, by keys, by both, and nobody else.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { base64url, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { fetch as passOn, Response as Answer } from "miniflare";

import { assertProblem, KEY, KEYS, OTHER_KEY, start, startGateway, startUpstream, USAGE } from "./gateway.mjs";

const TEAM = "example-team.cloudflareaccess.com";
const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const EMAIL = "viewer@example.com";

let ours;
let foreign;

before(async () => {
  [ours, foreign] = await Promise.all([0, 1].map(() => generateKeyPair("RS256", { extractable: true })));
});

/** What Access signs, after changes. */
function sign({ key = ours.privateKey, alg = "RS256", kid = "current", ...claims } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const lifetime = { iat: now, nbf: now, exp: now + 3600 };
  const payload = { aud: [AUD], email: EMAIL, iss: `https://${TEAM}`, type: "app", sub: "7335d417", ...lifetime, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key);
}

/** A gateway behind Access, whose keys come from `certs`. */
async function behindAccess(t, { certs, ...bindings } = {}) {
  const upstream = await startUpstream(t);
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: "current", alg: "RS256", use: "sig" };
  // A key that does not say what it is for: the gateway has to.
  const anyAlg = { ...jwk, kid: "any", alg: undefined };
  const asked = [];
  const outboundService = (request) => {
    if (!request.url.includes("cloudflareaccess.com")) return passOn(request);
    asked.push(request.url);
    const set = { keys: [jwk, anyAlg] };
    return certs ? certs(set) : Answer.json(set);
  };
  const gateway = await startGateway(t, {
    upstream,
    bindings: { VIEWER_KEYS: undefined, ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUD, ...bindings },
    more: { outboundService },
  });
  return { upstream, asked, gateway, as: (jwt, path = USAGE) => gateway.getBare(path, { headers: { "cf-access-jwt-assertion": jwt } }) };
}

async function assertRefused(response, upstream) {
  await assertProblem(response, 401);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(upstream.requests, []);
}

test("a viewer that Access let in reads, by the header's token or by the cookie's", async (t) => {
  const { gateway, as, asked, upstream } = await behindAccess(t);
  const jwt = await sign();
  assert.equal((await as(jwt)).status, 200);
  const byCookie = await gateway.getBare(USAGE, { headers: { cookie: `theme=dark; CF_Authorization=${jwt}; x=y` } });
  assert.equal(byCookie.status, 200);
  assert.equal((await as(jwt, "/metrics")).status, 200);
  assert.deepEqual(asked, [`https://${TEAM}/cdn-cgi/access/certs`], "the keys are asked for once");
  assert.ok(!gateway.printed().includes(EMAIL));
  assert.ok(!upstream.requests[0].headers["cf-access-jwt-assertion"], "no viewer's credential goes any further");
});

test("a service token's JWT, which has a name in place of an e-mail, opens as well", async (t) => {
  const { as } = await behindAccess(t);
  assert.equal((await as(await sign({ email: undefined, common_name: "prometheus.access", sub: "" }))).status, 200);
});

test("behind Access, nobody reads without its token", async (t) => {
  const { gateway, upstream } = await behindAccess(t);
  for (const path of [USAGE, "/metrics"]) {
    const response = await gateway.getBare(path);
    assert.equal(response.headers.get("www-authenticate"), null, "there is no key to ask for");
    await assertRefused(response, upstream);
  }
});

const hour = 3600;
const seconds = () => Math.floor(Date.now() / 1000);
const FORGERIES = {
  "signed by another key": () => sign({ key: foreign.privateKey }),
  "signed by another key, of another name": () => sign({ key: foreign.privateKey, kid: "other" }),
  "not signed": () => `${part({ alg: "none", kid: "current" })}.${part({ aud: [AUD], iss: `https://${TEAM}`, exp: seconds() + hour })}.`,
  "signed with HMAC by the public key": async () =>
    sign({ alg: "HS256", key: new TextEncoder().encode(await exportSPKI(ours.publicKey)) }),
  "signed by our key, in another way": async () => sign({ alg: "PS256", kid: "any", key: await asPs256(ours.privateKey) }),
  "with its claims changed": async () => {
    const [header, , signature] = (await sign({ exp: seconds() - hour })).split(".");
    return [header, part({ aud: [AUD], iss: `https://${TEAM}`, exp: seconds() + hour }), signature].join(".");
  },
  "expired": () => sign({ exp: seconds() - 1 }),
  "without an expiry": () => sign({ exp: undefined }),
  "not yet valid": () => sign({ nbf: seconds() + hour }),
  "for another application": () => sign({ aud: ["0".repeat(64)] }),
  "for no application": () => sign({ aud: undefined }),
  "of another team": () => sign({ iss: "https://other-team.cloudflareaccess.com" }),
  "no token at all": () => "x.y.z",
};

const part = (value) => base64url.encode(JSON.stringify(value));

async function asPs256(key) {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", key);
  return crypto.subtle.importKey("pkcs8", pkcs8, { name: "RSA-PSS", hash: "SHA-256" }, false, ["sign"]);
}

test("a forged or stale token of Access is refused", async (t) => {
  const { as, gateway, upstream } = await behindAccess(t);
  for (const [what, forge] of Object.entries(FORGERIES)) {
    await t.test(what, async () => {
      const jwt = await forge();
      await assertRefused(await as(jwt), upstream);
      await assertRefused(await gateway.getBare(USAGE, { headers: { cookie: `CF_Authorization=${jwt}` } }), upstream);
    });
  }
  assert.equal((await as(await sign())).status, 200, "the door was not simply shut");
});

test("a token that was good is refused once it has expired", async (t) => {
  const { as, gateway } = await behindAccess(t);
  const jwt = await sign({ exp: seconds() + hour });
  assert.equal((await as(jwt)).status, 200);
  await gateway.advance((hour + 1) * 1000);
  await assertProblem(await as(jwt), 401);
});

const OUTAGES = {
  "cannot be reached": () => { throw new Error("no route"); },
  "fail": () => new Answer("sorry", { status: 500 }),
  "are no JSON": () => new Answer("<html>"),
  "are no key set": () => Answer.json({ keys: "none" }),
};

for (const [what, certs] of Object.entries(OUTAGES)) {
  test(`while the keys of Access ${what}, nobody is let in by it, and a viewer key still opens`, async (t) => {
    const { as, gateway, upstream } = await behindAccess(t, { certs, VIEWER_KEYS: KEYS });
    const response = await as(await sign());
    await assertProblem(response, 503);
    assert.ok(Number(response.headers.get("retry-after")) >= 1);
    assert.deepEqual(upstream.requests, []);
    assert.equal((await gateway.get(USAGE)).status, 200);
  });
}

const strangers = (as, count, claims) =>
  Promise.all(Array.from({ length: count }, async () => as(await sign({ key: foreign.privateKey, kid: crypto.randomUUID(), ...claims }))));

test("tokens with made-up names of keys cost Access one request, and one more after half a minute", async (t) => {
  const { as, asked, gateway, upstream } = await behindAccess(t);
  for (const response of await strangers(as, 20)) await assertRefused(response, upstream);
  assert.equal(asked.length, 1);
  for (const response of await strangers(as, 5)) await assertRefused(response, upstream);
  assert.equal(asked.length, 1);
  await gateway.advance(31_000);
  for (const response of await strangers(as, 20)) await assertRefused(response, upstream);
  assert.equal(asked.length, 2);
  assert.equal((await as(await sign())).status, 200);
});

test("a token that could be nobody's here costs Access nothing", async (t) => {
  const { as, asked, upstream } = await behindAccess(t);
  for (const claims of [{ iss: "https://other-team.cloudflareaccess.com" }, { aud: ["0".repeat(64)] }, { exp: seconds() - 1 }]) {
    for (const response of await strangers(as, 1, claims)) await assertRefused(response, upstream);
  }
  assert.deepEqual(asked, []);
});

test("while the keys of Access fail, they are asked for every five seconds, and a viewer whose key is known reads", async (t) => {
  let fails = true;
  const certs = (set) => (fails ? new Answer("sorry", { status: 500 }) : Answer.json(set));
  const { as, asked, gateway } = await behindAccess(t, { certs });
  for (const response of await strangers(as, 10)) await assertProblem(response, 503);
  await assertProblem(await as(await sign()), 503);
  assert.equal(asked.length, 1);
  fails = false;
  await gateway.advance(5001);
  assert.equal((await as(await sign())).status, 200);
  assert.equal(asked.length, 2);
  fails = true;
  await gateway.advance(31_000);
  for (const response of await strangers(as, 2)) await assertProblem(response, 503);
  assert.equal((await as(await sign())).status, 200);
  assert.equal(asked.length, 3);
});

test("a key that Access has withdrawn opens for ten minutes at most", async (t) => {
  let withdrawn = false;
  const { as, gateway } = await behindAccess(t, { certs: ({ keys }) => Answer.json({ keys: withdrawn ? [] : keys }) });
  const jwt = await sign();
  assert.equal((await as(jwt)).status, 200);
  withdrawn = true;
  await gateway.advance(10 * 60_000 + 1);
  await assertProblem(await as(jwt), 401);
});

test("with both, either opens, and neither is asked for both", async (t) => {
  const { as, gateway, upstream } = await behindAccess(t, { VIEWER_KEYS: KEYS });
  const neither = await gateway.getBare(USAGE, { headers: { authorization: "Bearer no", "cf-access-jwt-assertion": "x.y.z" } });
  assert.match(neither.headers.get("www-authenticate"), /^Bearer /);
  await assertRefused(neither, upstream);
  assert.equal((await as(await sign())).status, 200);
  assert.equal((await gateway.get(USAGE)).status, 200);
});

test("each viewer key opens", async (t) => {
  const { gateway, upstream } = await start(t);
  for (const authorization of [`Bearer ${KEY}`, `bearer ${KEY}`, `Bearer ${OTHER_KEY}`]) {
    assert.equal((await gateway.getBare(USAGE, { headers: { authorization } })).status, 200, authorization);
  }
  assert.equal(upstream.requests.length, 1);
  assert.equal(upstream.requests[0].headers.authorization, "Bearer upstream-token-7f3a9c51d2");
});

test("what is not exactly a viewer key does not open", async (t) => {
  const { gateway, upstream } = await start(t);
  const wrong = [
    "", "Bearer", "Bearer ", KEY, `Basic ${KEY}`, `Bearer ${KEY.slice(0, -1)}`, `Bearer ${KEY}0`, `Bearer ${KEY.toUpperCase()}`,
    `Bearer ${KEY} ${KEY}`, `Bearer ${KEY}, Bearer ${OTHER_KEY}`, `Bearer alice:${KEY}`, "Bearer alice", "Bearer upstream-token-7f3a9c51d2",
  ];
  for (const authorization of wrong) {
    const response = await gateway.getBare(USAGE, { headers: { authorization } });
    assert.match(response.headers.get("www-authenticate"), /^Bearer /, authorization);
    await assertRefused(response, upstream);
  }
  await assertRefused(await gateway.getBare(`${USAGE}?token=${KEY}`), upstream);
  await assertRefused(await gateway.getBare(USAGE, { headers: { cookie: `CF_Authorization=${KEY}` } }), upstream);
});

test("the page itself is for everybody, and has no data in it", async (t) => {
  const gateway = await startGateway(t, { upstream: await startUpstream(t) });
  const page = await gateway.getBare("/");
  assert.equal(page.status, 200);
  assert.equal(
    page.headers.get("content-security-policy"),
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assert.equal((await gateway.getBare("/index.js")).status, 404, "nor the Worker's code");
});
