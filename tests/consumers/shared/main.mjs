import { getUsage, NotFoundError, UsageError } from "thousandeyes-usage";

import { report } from "./report.mjs";

console.log(JSON.stringify(await report({ getUsage, NotFoundError, UsageError }, process.argv[2])));
