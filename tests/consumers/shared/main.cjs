const { getUsage, NotFoundError, UsageError } = require("thousandeyes-usage");

const { report } = require("./report.cjs");

report({ getUsage, NotFoundError, UsageError }, process.argv[2]).then((report) => console.log(JSON.stringify(report)));
