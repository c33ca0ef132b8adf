// Each consumer makes a call that succeeds, and one that fails.
const { getUsage, NotFoundError, UsageError } = require("thousandeyes-usage");

exports.report = async function report(baseUrl) {
  const data = await getUsage("2067", ["test"], { baseUrl });
  const error = await getUsage("404", null, { baseUrl }).catch((error) => error);
  return { data, error: [error.name, error.code, error instanceof NotFoundError, error instanceof UsageError] };
};
