import { getUsage, NotFoundError, UsageError } from "thousandeyes-usage/inline";

import { report } from "./report.mjs";

globalThis.report = report({ getUsage, NotFoundError, UsageError }, new URLSearchParams(location.search).get("api"));
