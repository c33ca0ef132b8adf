import { getUsage, NotFoundError, UsageError } from "thousandeyes-usage";

import { report } from "../report.mjs";

export default async function Page({ searchParams }) {
  const { api } = await searchParams;
  const text = JSON.stringify(await report({ getUsage, NotFoundError, UsageError }, api));
  return <script dangerouslySetInnerHTML={{ __html: `globalThis.report = ${text}` }} />;
}
