/** Headers that several responses share, and CORS. */

export const SECURITY_HEADERS = {
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "object-src 'none'",
    "base-uri 'none'",
    // Only scripts submit the forms. Without scripts, typed values must not end up in a URL.
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  // No other site may load a response into its process, where a speculative read could see it.
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

const EXPOSED = [
  "Age", "Cache-Status", "Date", "ETag", "Retry-After", "X-Request-Id", "X-Usage-Source",
  "X-Organization-Rate-Limit-Limit", "X-Organization-Rate-Limit-Remaining", "X-Organization-Rate-Limit-Reset",
].join(", ");

/** @param {Response} response @param {Record<string, string>} headers */
export function withHeaders(response, headers) {
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value);
  return copy;
}

/**
 * The response to a CORS preflight from an allowed origin; undefined for any other request.
 *
 * @param {Request} request @param {Set<string>} [allowed]
 */
export function preflight(request, allowed) {
  const isPreflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
  if (!isPreflight || !allowed?.has(request.headers.get("origin"))) return undefined;
  const headers = {
    "access-control-allow-methods": "GET",
    "access-control-allow-headers": "Authorization",
    "access-control-max-age": "3600",
  };
  return new Response(null, { status: 204, headers });
}

/**
 * Lets a page of an allowed origin read the response. Credentials are not allowed: viewers of Access use the gateway's
 * own page.
 *
 * @param {Request} request @param {Set<string> | undefined} allowed @param {Response} response
 */
export function allowOrigin(request, allowed, response) {
  if (!allowed) return response;
  const origin = request.headers.get("origin");
  const headers = { vary: "Origin" };
  if (allowed.has(origin)) {
    Object.assign(headers, { "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED });
  }
  return withHeaders(response, headers);
}

/**
 * Whether `If-None-Match` contains the entity tag, by the weak comparison of RFC 9110: a proxy that compresses the
 * response weakens its tag.
 *
 * @param {string | null} ifNoneMatch @param {string} etag
 */
export function matches(ifNoneMatch, etag) {
  if (ifNoneMatch?.trim() === "*") return true;
  return [...(ifNoneMatch ?? "").matchAll(/"[^"]*"/g)].some(([tag]) => tag === etag);
}
