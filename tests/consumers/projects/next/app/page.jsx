import { report } from "../report.mjs";

export default async function Page({ searchParams }) {
  const { api } = await searchParams;
  const text = JSON.stringify(await report(api));
  return <script dangerouslySetInnerHTML={{ __html: `globalThis.report = ${text}` }} />;
}
