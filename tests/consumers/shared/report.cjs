// Each consumer makes a call that succeeds, and one that fails.
exports.report = async function report({ getUsage, NotFoundError, UsageError }, baseUrl) {
  const data = await getUsage("2067", ["test"], { baseUrl });
  const error = await getUsage("404", null, { baseUrl }).catch((error) => error);
  return { data, error: [error.name, error.code, error instanceof NotFoundError, error instanceof UsageError] };
};
