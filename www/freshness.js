/** The age of a response, and whether it is stale, from its headers `Age` and `Cache-Status`. */

/** The text for each reason that the gateway names in `detail`. */
const REASONS = {
  "rate-limit": "its rate limit is used up",
};

/**
 * @param {Headers} headers
 * @param {number} receivedAt
 * @returns {{ at: Date, isStale: boolean, reason?: string }}
 */
export function freshness(headers, receivedAt) {
  const age = Number(headers.get("age") ?? 0);
  const { ttl, detail } = lastCache(headers.get("cache-status") ?? "");
  return {
    at: new Date(receivedAt - 1000 * (age > 0 ? age : 0)),
    isStale: Number(ttl) < 0,
    reason: REASONS[detail],
  };
}

/** The parameters of the cache closest to the page. It is last (RFC 9211). @param {string} status */
function lastCache(status) {
  const members = status.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  const parameters = members.at(-1)?.match(/(?:[^;"]|"(?:[^"\\]|\\.)*")+/g)?.slice(1) ?? [];
  return Object.fromEntries(parameters.map((parameter) => {
    const [, name, value = ""] = /^\s*([^=]*)=?(.*?)\s*$/.exec(parameter);
    return [name, value.replace(/^"(.*)"$/, "$1")];
  }));
}
