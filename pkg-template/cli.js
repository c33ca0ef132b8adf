#!/usr/bin/env node
// The command `thousandeyes-usage`.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";

import { compareUnits, getTestUnits, getUsage, summarize, topTests } from "./node.js";
import { csv, errorText, isComparable, json as toJson, monthReport, overages, usageReport } from "./report.js";

const TOP_TESTS = 10;

// They are high, because a user cannot raise them.
const LIMITS = { timeout: 60_000, maxBodyBytes: Infinity, maxPages: 100_000 };

const HELP = `Usage: thousandeyes-usage [options]

Prints what a ThousandEyes organisation has used of its quotas, and the tests that use the most.

Options:
  --aid ID            account group that selects the organisation (default: the token's own)
  --expand LIST       breakdowns for --json, separated by commas (default: test): test, enterprise-agent-unit,
                      enterprise-agent, endpoint-agent, endpoint-agent-essential, endpoint-agent-embedded
  --month YYYY-MM     the units of each test in a month, in place of the current billing period
  --json              print the data as JSON
  --csv               print the tests as CSV
  --fail-on-overage   exit with 2 if a meter is over its quota, or projected to be, and with 1 if no meter has a quota;
                      a quota of 0 counts as none
  -h, --help          print this text
  --version           print the version

The bearer token is read from the environment variable TE_TOKEN or THOUSANDEYES_TOKEN. It is not taken as an option, because
other users of a machine can see the options of a command. THOUSANDEYES_BASE_URL is the URL of the API, if it is elsewhere.

Exit code: 0, 1 for an error, 2 for an overage with --fail-on-overage.
`;

const OPTIONS = {
  "aid": { type: "string" },
  "expand": { type: "string" },
  "month": { type: "string" },
  "json": { type: "boolean" },
  "csv": { type: "boolean" },
  "fail-on-overage": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
  "version": { type: "boolean" },
};

/** An error of the command's own, whose message is all that the user needs. */
class CommandError extends Error {}

// The messages of parseArgs repeat what was typed, which may be a token.
function parse(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    if (args.some((arg) => /^--?token/i.test(arg))) {
      throw new CommandError("The token is not an option: set the environment variable TE_TOKEN");
    }
    const names = Object.keys(OPTIONS).map((name) => `--${name}`).join(", ");
    const message = {
      ERR_PARSE_ARGS_INVALID_OPTION_VALUE: "--aid, --expand and --month need a value, and no other option takes one",
      ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: "An argument is not an option; --expand takes its values separated by commas, without spaces",
    };
    throw new CommandError(message[error.code] ?? `An option is unknown; the options are ${names}`);
  }
}

function check({ json, csv, expand, month, "fail-on-overage": failOnOverage }) {
  if (json && csv) throw new CommandError("Pass --json or --csv, not both");
  if (expand !== undefined && !json) throw new CommandError("--expand can only be used with --json: the other formats have the tests alone");
  if (month === undefined) return;
  if (!/^2\d{3}-(0[1-9]|1[0-2])$/.test(month)) throw new CommandError("--month must be a month from 2000-01 on, such as 2026-10");
  if (new Date(month) > new Date()) throw new CommandError("--month must not be in the future");
  if (expand !== undefined) throw new CommandError("--expand cannot be used with --month, which has the tests alone");
  if (failOnOverage) throw new CommandError("--fail-on-overage cannot be used with --month: the API has no quota of a month");
}

/** The dates of a month. The API takes the time of the request as the end of the current one. */
function datesOf(month) {
  const [year, index] = month.split("-");
  const end = new Date(Date.UTC(year, index) - 1000);
  return { startDate: `${month}-01T00:00:00Z`, endDate: end < new Date() ? end : undefined };
}

/** What to print, and the meters of the current billing period. */
async function report(values, options, look) {
  const { aid, month, json } = values;
  if (month !== undefined) {
    const dates = datesOf(month);
    const rows = await getTestUnits({ aid, ...dates }, options).toArray();
    if (json) return { text: toJson(rows) };
    if (values.csv) return { text: csv(rows, true) };
    return { text: monthReport(dates.endDate ? month : `${month} so far`, await compareUnits([], rows, TOP_TESTS), look) };
  }
  const expand = values.expand?.split(",") ?? ["test"];
  const usage = await getUsage(aid, expand, options);
  const summary = await summarize(usage);
  const { meters } = summary;
  if (json) return { text: toJson(usage), meters };
  if (values.csv) return { text: csv(usage.usage?.tests ?? [], false), meters };
  return { text: usageReport(summary, await topTests(usage, TOP_TESTS), look), meters };
}

async function main() {
  const { env, stdout, stderr } = process;
  const values = parse(process.argv.slice(2));
  if (values.help) return stdout.write(HELP);
  if (values.version) {
    const { version } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
    return stdout.write(`${version}\n`);
  }
  check(values);
  const token = env.TE_TOKEN || env.THOUSANDEYES_TOKEN;
  if (!token) throw new CommandError("There is no token: set the environment variable TE_TOKEN to a bearer token of ThousandEyes");
  const look = { width: Math.min(stdout.columns || 80, 120), colours: Boolean(stdout.isTTY) && !env.NO_COLOR };
  const options = { ...LIMITS, token, baseUrl: env.THOUSANDEYES_BASE_URL || undefined };
  const { text, meters } = await report(values, options, look);
  stdout.write(text);
  if (!values["fail-on-overage"]) return;
  if (!meters.some(isComparable)) {
    throw new CommandError("No meter has both a quota and a use, so --fail-on-overage has nothing to compare");
  }
  const over = overages(meters);
  if (over.length > 0) {
    stderr.write(`Over the quota, or projected to be: ${over.join(", ")}\n`);
    process.exitCode = 2;
  }
}

// The reader may close early, as `head` does.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

main().catch((error) => {
  // Errors of the package have a code. Anything else is a bug, whose stack is of use.
  const isExpected = error instanceof CommandError || error.code !== undefined;
  process.stderr.write(`thousandeyes-usage: ${isExpected ? errorText(error) : error.stack}\n`);
  process.exitCode = 1;
});
