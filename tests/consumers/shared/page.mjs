import { report } from "./report.mjs";

globalThis.report = report(new URLSearchParams(location.search).get("api"));
