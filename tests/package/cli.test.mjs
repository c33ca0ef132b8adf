// The command `thousandeyes-usage`, installed as a user installs it, against the sample API.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { csv, errorText, json, monthReport, overages, usageReport } from "../../pkg-template/report.js";
import { toolProgram } from "../consumers/tools.mjs";
import { listen, respond, startApi } from "./api.mjs";
import { createConsumer } from "./consumer.mjs";

const TOKEN = "s3cret-token";
// The month before this one. The sample API has units of it.
const NOW = new Date();
const MONTH_END = new Date(Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth()) - 1000).toISOString().replace(".000", "");
const MONTH = MONTH_END.slice(0, 7);
const [api, consumer] = await Promise.all([startApi(), createConsumer([])]);
const command = join(consumer.folder, "node_modules/.bin/thousandeyes-usage");

after(async () => {
  await consumer.remove();
  api.close();
});

/** Runs a program, and returns what it prints and its exit code. */
function runProgram([program, ...args], env = {}) {
  const all = { PATH: process.env.PATH, THOUSANDEYES_BASE_URL: api.url, TE_TOKEN: TOKEN, ...env };
  return new Promise((resolve) => {
    execFile(program, args, { env: all, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

const run = (args = [], env) => runProgram([command, ...args], env);

/** Asserts that a call prints an error alone, without the token. */
async function assertError(args, message, env) {
  const { code, stdout, stderr } = await run(args, env);
  assert.deepEqual([code, stdout, stderr.includes(TOKEN)], [1, "", false]);
  assert.match(stderr.trimEnd(), message);
}

for (const [host, program] of [["Node", []], ["Deno", [toolProgram("deno"), "run", "-A"]], ["Bun", [toolProgram("bun"), "--bun"]]]) {
  test(`in ${host} it prints the meters and the tests that use the most`, async () => {
    const { code, stdout, stderr } = await runProgram([...program, command]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^ThousandEyes usage, \d{4}-\d\d-\d\d to /);
    assert.match(stdout, /\nCloud units: projected over the quota\n█+▒*░* \d+% used, \d+% projected\n/);
    assert.match(stdout, /\nTest +Account group +Used +Projected\n/);
    assert.equal(stdout.includes("\u001b"), false, "colours in a pipe");
    assert.equal(api.requests.at(-1).headers.authorization, `Bearer ${TOKEN}`);
  });

  test(`in ${host} the exit code is 2 if a meter is projected over its quota`, async () => {
    const { code, stderr } = await runProgram([...program, command, "--fail-on-overage"]);
    assert.deepEqual([code, stderr], [2, "Over the quota, or projected to be: Cloud units\n"]);
  });

  test(`in ${host} an unknown option is an error`, async () => {
    const { code, stderr } = await runProgram([...program, command, "--foo"]);
    assert.match(`${code} ${stderr}`, /^1 thousandeyes-usage: An option is unknown; the options are --aid, /);
  });
}

test("in a terminal it has colours, unless NO_COLOR is set, and the width of the terminal up to 120 columns", async () => {
  const runIn = (columns, env) => {
    const terminal = `process.stdout.isTTY = true; process.stdout.columns = ${columns};`;
    return run([], { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(terminal)}`, ...env });
  };
  assert.match((await runIn(60)).stdout, /^\u001b\[1mThousandEyes usage, .*\u001b\[0m\n/);
  for (const [columns, cells] of [[60, 28], [90, 58], [200, 88]]) {
    const { stdout } = await runIn(columns, { NO_COLOR: "1" });
    assert.equal(stdout.includes("\u001b"), false);
    assert.equal(stdout.match(/\n([█▒░]+) /)[1].length, cells, `the bar in ${columns} columns`);
  }
});

test("--json prints the usage alone, with the breakdowns of --expand, else the tests", async () => {
  for (const [args, expand] of [[[], "test"], [["--expand", "test,endpoint-agent"], "test,endpoint-agent"]]) {
    const { code, stdout } = await run(["--json", "--aid", "2067", ...args]);
    const { url } = api.requests.at(-1);
    assert.deepEqual([code, url], [0, `/v7/usage?aid=2067&expand=${expand}`]);
    assert.deepEqual(JSON.parse(stdout), await (await fetch(api.url + url)).json());
  }
});

test("--csv prints a line for each test", async () => {
  const lines = (await run(["--csv"])).stdout.split("\r\n");
  const { usage } = await (await fetch(`${api.url}/v7/usage?expand=test`)).json();
  assert.equal(lines[0], "aid,accountGroupName,testId,testName,testType,cloudUnitsUsed,cloudUnitsProjected");
  assert.equal(lines.length, usage.tests.length + 2);
});

test("--month prints the units of the tests of that month", async () => {
  const { code, stdout } = await run(["--month", MONTH]);
  assert.deepEqual([code, stdout.slice(0, 27)], [0, `ThousandEyes usage, ${MONTH}`]);
  assert.match(stdout, /\n\n[\d,]+ cloud units and [\d,]+ enterprise units used by \d[\d,]* tests\n/);
  const [first] = api.requests.at(-1).url.split("&cursor");
  assert.equal(first, `/v7/usage/units/tests?startDate=${MONTH}-01T00:00:00Z&endDate=${MONTH_END}`);
  const rows = JSON.parse((await run(["--month", MONTH, "--json"])).stdout);
  assert.ok(rows.length > 0 && rows.every(({ testId }) => testId));
  const running = NOW.toISOString().slice(0, 7);
  assert.match((await run(["--month", running])).stdout, new RegExp(`^(ThousandEyes usage,|No test used units in) ${running} so far`));
  assert.match((await run(["--month", MONTH, "--csv"])).stdout, /^aid,.*,isInstantTest\r\n/);
});

test("the token is read from either variable", async () => {
  assert.equal((await run([], { TE_TOKEN: "", THOUSANDEYES_TOKEN: "other" })).code, 0);
  assert.equal(api.requests.at(-1).headers.authorization, "Bearer other");
});

test("invalid arguments are errors, and nothing is sent", async () => {
  api.requests.splice(0);
  for (const [args, message] of [
    [[TOKEN], /An argument is not an option/],
    [["--aid"], /need a value/],
    [["--json", "--csv"], /--json or --csv, not both/],
    [["--json", "--expand", "tests"], /`expand\[0\]` is unknown; the values of `expand` are "test"/],
    [["--csv", "--expand", "test"], /--expand can only be used with --json/],
    [["--month", "2026-13"], /a month from 2000-01 on, such as 2026-10/],
    [["--month", "1999-12"], /a month from 2000-01 on/],
    [["--month", "2999-01"], /must not be in the future/],
    [["--month", "2026-10", "--json", "--expand", "test"], /--expand cannot be used with --month/],
    [["--month", "2026-10", "--fail-on-overage"], /--fail-on-overage cannot be used with --month/],
    ...[["--token", TOKEN], [`--token=${TOKEN}`]].map((args) => [args, /The token is not an option/]),
  ]) await assertError(args, message);
  await assertError([], /There is no token: set the environment variable TE_TOKEN/, { TE_TOKEN: "" });
  assert.deepEqual(api.requests, []);
});

test("--fail-on-overage is an error if no meter can be compared with its quota", async () => {
  for (const body of [{}, { usage: { cloudUnitsUsed: 5 } }, { usage: { quota: { cloudUnitsIncluded: 5 } } }]) {
    const server = await listen(respond(200, "application/json", JSON.stringify(body)));
    const { code, stderr } = await run(["--fail-on-overage"], { THOUSANDEYES_BASE_URL: server.url });
    server.close();
    assert.match(`${code} ${stderr}`, /^1 thousandeyes-usage: No meter has both a quota and a use, /);
  }
});

test("an error of the API explains each name of the JavaScript API in its message", async () => {
  const closed = await listen(() => {});
  closed.close();
  for (const [args, lines, url = api.url] of [
    [["--aid", "404"], /^thousandeyes-usage: Nothing was found at .* \(404\)/],
    [["--aid", "429"], /`retryAt`: 2\d{3}-\d\d-\d\dT[\d:.]+Z$/],
    [["--month", MONTH, "--aid", "400"], /`startDate`: the start of --month\n.*`endDate`: the end of --month$/],
    [[], /`cause`: fetch failed; connect ECONNREFUSED [\d.:]+\n/, closed.url],
    [[], /`baseUrl`: the environment variable THOUSANDEYES_BASE_URL$/, closed.url],
    [[], /`baseUrl`: .*\n.*`token`: the environment variable TE_TOKEN$/, "https://user:password@localhost"],
  ]) await assertError(args, lines, { THOUSANDEYES_BASE_URL: url });
  assert.match(errorText({ message: "Raise `timeout`" }), /^Raise `timeout`\n {2}`timeout`: one minute, /);
});

test("a month of more than a thousand pages is read to its end", async () => {
  const pages = await listen((request, response) => {
    const page = Number(new URL(request.url, "http://api").searchParams.get("cursor"));
    const _links = page < 1_000 ? { next: { href: `/v7/usage/units/tests?cursor=${page + 1}` } } : {};
    response.writeHead(200, { "content-type": "application/hal+json" }).end(JSON.stringify({ breakdowns: [{ testId: "1" }], _links }));
  });
  const { code, stdout } = await run(["--month", MONTH, "--csv"], { THOUSANDEYES_BASE_URL: pages.url });
  pages.close();
  assert.deepEqual([code, stdout.trimEnd().split("\r\n").length], [0, 1 + 1_001]);
});

test("--help names each value of --expand", async () => {
  const { stdout } = await run(["--help"]);
  const { stderr } = await run(["--json", "--expand", "tests"]);
  const values = stderr.match(/(?<=")[a-z-]+(?=")/g);
  assert.deepEqual(values.filter((value) => !new RegExp(`[ ,]${value}[,\n]`).test(stdout)), []);
  assert.equal(values.length, 6);
});

test("--help and --version need no token", async () => {
  for (const [name, text] of [["--help", /^Usage: /], ["-h", /^Usage: /], ["--version", /^\d+\.\d+\.\d+\n$/]]) {
    assert.match((await run([name], { TE_TOKEN: "" })).stdout, text);
  }
});

test("a reader that closes early is not an error", async () => {
  const { code, stdout, stderr } = await runProgram(["sh", "-c", `'${command}' --csv | head -n 1`]);
  assert.deepEqual([code, stdout.split(",")[0], stderr], [0, "aid", ""]);
});

describe("the text", () => {
  const period = { start: "2026-11-01T00:00:00Z", end: "2026-11-30T23:59:59Z" };
  const meter = { meter: "cloudUnits", used: 50, projected: 80, included: 100, utilisation: 0.5, projectedUtilisation: 0.8 };
  const report = (fields, look) => usageReport({ period, meters: [{ ...meter, ...fields }] }, [], look);

  const unknown = { used: undefined, projected: undefined, utilisation: undefined, projectedUtilisation: undefined };
  for (const [rule, fields, lines] of [
    ["has a bar of the used and the projected share", {}, "\n█████▒▒▒░░ 50% used, 80% projected\n50 of 100 units used"],
    ["has a full bar of shares over 1", { utilisation: 7, projectedUtilisation: 8 }, "\n██████████ 700% used, 800%"],
    ["has no bar without a share", unknown, "\nCloud units\n— of 100 units used\n"],
    ["has the used share alone", { ...unknown, utilisation: 0.29 }, "░ 29% used\n"],
    ["rounds no share to 0", { ...unknown, utilisation: 0.004 }, "░ less than 1% used\n"],
    ["has the projected share alone", { ...unknown, projectedUtilisation: 0.8 }, "░ 80% projected\n"],
    ["has no bar without a quota", { ...unknown, included: 0, overage: 50, used: 50 }, "\nCloud units\n50 units used\n"],
    ["says that a meter is over", { overage: 1, projectedOverage: 2 }, "\nCloud units: over the quota\n"],
    ["says that a meter is projected over", { projectedOverage: 2 }, "\nCloud units: projected over the quota\n"],
    ["says that a meter is close", { projectedUtilisation: 0.9 }, "\nCloud units: close to the quota\n"],
    ["says when a meter is used up", { exhaustsAt: "2026-11-24T13:00:00Z" }, ": at this rate used up on 2026-11-24\n"],
  ]) {
    test(rule, () => {
      const text = report(fields, { width: 42 });
      assert.ok(text.includes(lines), text);
    });
  }

  test("has the period only if both its dates are known", () => {
    for (const dates of [{}, { start: period.start }, { end: period.end }]) {
      assert.match(usageReport({ period: dates, meters: [] }, []), /^ThousandEyes usage\n/);
    }
    assert.match(report({}), /^ThousandEyes usage, 2026-11-01 to 2026-11-30\n/);
  });

  test("counts a meter as over its quota if it is projected to be, and not if it has none", () => {
    const over = (fields) => overages([{ ...meter, ...fields }]);
    assert.deepEqual(over({ included: 0, overage: 50, projectedOverage: 90 }), []);
    for (const fields of [{ overage: 1 }, { projectedOverage: 2 }]) assert.deepEqual(over(fields), ["Cloud units"]);
  });

  test("has colours only where they are wanted", () => {
    assert.ok(report({ overage: 1 }, { colours: true }).includes("\u001b[31mover the quota\u001b[0m"));
    assert.equal(report({ overage: 1 }).includes("\u001b"), false);
  });

  test("fits into the columns of the terminal, where a wide character takes two", () => {
    const tests = [
      { testName: "a".repeat(99), accountGroupName: "b".repeat(99), cloudUnitsUsed: 4_320_000_000 },
      { testName: "東京".repeat(20) },
    ];
    const lines = usageReport({ period, meters: [] }, tests, { width: 72 }).split("\n").slice(-4, -1);
    assert.deepEqual(lines.map((line) => line.length), [72, 72, 72 - 11]);
    assert.match(lines[1], /^a+…  b{19}…  4,320,000,000 +—$/);
    const text = usageReport({ period, meters: [] }, [{ testName: "東京都のウェブサイトの監視", accountGroupName: "日本" }]);
    assert.match(text, /\n東京都のウェブサイトの監視  日本 /);
  });

  test("in a narrow terminal is cut in both columns of text, and wrapped between words", () => {
    const units = { tests: 1, cloudUnitsUsed: 4_320_000_000, enterpriseUnitsUsed: 4_320_000_000 };
    const rows = [{ testName: "a".repeat(99), accountGroupName: "b".repeat(99), after: units }];
    const month = monthReport("2026-10", { total: { after: units }, tests: rows }, { width: 60 });
    const meters = report({ used: 4_000_000_000, projected: 5_000_000_000, included: 4_320_000_000 }, { width: 60 });
    assert.deepEqual(`${month}${meters}`.split("\n").filter((line) => line.length > 60), []);
    assert.deepEqual([month.includes("\nused by 1 test\n"), meters.includes("\nprojected\n")], [true, true]);
  });

  test("has no control characters of the API's names, nor do CSV and JSON, and JSON keeps the data", () => {
    const rows = [{ testName: "\ta\u001b[2J\u009bb\r\nc\u2028\u202ed", accountGroupName: "\u0007" }];
    const text = usageReport({ period: { start: "\u001b[31m", end: "\u0007" }, meters: [] }, rows);
    for (const output of [text, json(rows)]) assert.doesNotMatch(output, /[^\P{Cc}\n]|[\u2028\u202e]/u, JSON.stringify(output));
    assert.ok(csv(rows, false).includes('"�a�[2J�b��c��d"'));
    assert.deepEqual(JSON.parse(json(rows)), rows);
  });

  test("of a month has its sums", () => {
    const units = { tests: 2, cloudUnitsUsed: 4_320_000_000 };
    const text = monthReport("2026-10", { total: { after: units }, tests: [{ testName: "Shop", after: units }] });
    assert.match(text, /\n4,320,000,000 cloud units and — enterprise units used by 2 tests\n/);
    assert.match(text, /\nShop +— +4,320,000,000 +—\n$/);
    assert.equal(monthReport("2026-10", { total: {}, tests: [] }), "No test used units in 2026-10.\n");
  });

  test("as CSV runs no formula, and keeps quotes and absent numbers apart", () => {
    const text = csv([{ aid: "1", testName: '=HYPERLINK("x")', accountGroupName: "a,b", cloudUnitsUsed: 0 }], false);
    assert.equal(text.split("\r\n")[1], '"1","a,b",,"\'=HYPERLINK(""x"")",,0,');
  });
});
