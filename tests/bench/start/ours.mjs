import { configure, getUsage } from "thousandeyes-usage";

export default async function call(api) {
  configure({ token: "abc", baseUrl: api });
  const { usage } = await getUsage("2067", ["test"]);
  return usage.tests[0].testId;
}
