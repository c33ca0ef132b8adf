// A page of a list, and the quotas. The rules of the cursors are tested in src/paging.rs, those of the dates in src/query.rs.
import { assertEqual, assertRejects, createApi, fakeFetch, response } from "./assert.js";

const TESTS = "https://api.thousandeyes.com/v7/usage/units/tests";

const page = (cursor) => response(JSON.stringify({ breakdowns: [{ testId: "1" }], _links: { next: { href: `?cursor=${cursor}` } } }));

export async function a_page_has_its_rows_its_response_and_the_cursor_of_the_next_page(exports, _, testUnits, agentUnits) {
  const { getTestUnits, getEnterpriseAgentUnits } = createApi(exports);
  for (const [call, body] of [[getTestUnits, testUnits], [getEnterpriseAgentUnits, agentUnits]]) {
    const { breakdowns, _links } = JSON.parse(body);
    const fetch = fakeFetch(response(body, { headers: { "x-request-id": "r-1" } }));
    const { headers, ...rest } = await call({}, "", { fetch });
    const next = new URL(_links.next.href).search.replace(/.*cursor=/, "");
    assertEqual(rest, { data: breakdowns, status: 200, requestId: "r-1", attempts: 1, next });
    assertEqual(headers.get("x-request-id"), "r-1");
  }
  const { data, next } = await getTestUnits({}, "", { fetch: fakeFetch(response("{}")) });
  assertEqual([data, next], [[], undefined]);
}

export async function a_page_is_requested_by_the_last_cursor(exports) {
  const { getTestUnits } = createApi(exports);
  const query = { aid: "2067", startDate: "2026-10-01T02:00:00.999+02:00", endDate: null };
  const parameters = "?aid=2067&startDate=2026-10-01T00:00:00Z";
  for (const [cursors, url] of [["", ""], ["b", "&cursor=b"], ["b&c%3D", "&cursor=c%3D"]]) {
    const fetch = fakeFetch(response("{}"));
    await getTestUnits(query, cursors, { fetch });
    assertEqual(fetch.requests[0].url, TESTS + parameters + url);
  }
}

export async function a_page_that_another_may_not_follow_has_its_rows_and_the_error(exports) {
  const { getTestUnits } = createApi(exports);
  for (const [cursors, options] of [["b&c", {}], ["a", { maxPages: 2 }]]) {
    const { data, next, error } = await getTestUnits({}, cursors, { fetch: fakeFetch(page("b")), ...options });
    assertEqual([data, next, error.code, error.status, error.attempts], [[{ testId: "1" }], undefined, "unexpected-response", 200, 1]);
  }
}

export async function an_invalid_query_is_rejected_before_anything_is_sent(exports) {
  const { getTestUnits, getEnterpriseAgentUnits } = createApi(exports);
  const fetch = fakeFetch(response("{}"));
  const date = (name) => `\`${name}\` must be a Date or a date-time with a zone, such as "2026-10-01T00:00:00Z"`;
  for (const value of ["", "2026-10-01", "2026-10-01T00:00:00", 1_790_812_800_000, new Date(), {}, Symbol("date")]) {
    await assertRejects(getTestUnits({ startDate: value }, "", { fetch }), { code: "argument", message: date("startDate") });
    await assertRejects(getEnterpriseAgentUnits({ endDate: value }, "", { fetch }), { code: "argument", message: date("endDate") });
  }
  const swapped = { startDate: "2026-10-01T00:00:00Z", endDate: "2026-09-30T23:59:59Z" };
  await assertRejects(getTestUnits(swapped, "", { fetch }), { code: "argument", message: "`endDate` is before `startDate`; swap them" });
  for (const aid of ["", 2067, {}]) await assertRejects(getTestUnits({ aid }, "", { fetch }), { code: "argument" });
  await assertRejects(getTestUnits({}, "", { fetch, maxPages: 0 }), { code: "argument" });
  assertEqual(fetch.requests.length, 0);
}

export async function the_quotas_equal_the_json_of_the_body(exports, _, _tests, _agents, body) {
  const { getQuotas } = createApi(exports);
  const fetch = fakeFetch(response(body));
  assertEqual(await getQuotas({ fetch }), JSON.parse(body));
  assertEqual(fetch.requests[0].url, "https://api.thousandeyes.com/v7/quotas");
  await assertRejects(getQuotas({ fetch: fakeFetch(response('{"quotas":[{"organizationQuota":{}}]}')) }), {
    code: "decode", path: "quotas[0].organizationQuota.value", found: "absent",
  });
}
