export default async function call(api) {
  const response = await fetch(`${api}/v7/usage?aid=2067&expand=test`, { headers: { authorization: "Bearer abc" } });
  const { usage } = await response.json();
  return usage.tests[0].testId;
}
