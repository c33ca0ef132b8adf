import { UsageClient } from "thousandeyes-usage";

// A client for each fetch, made once as an app does. The largest of the answers is longer than the default allows.
const clients = new Map();

export default (fetch) => {
  if (!clients.has(fetch)) clients.set(fetch, new UsageClient({ token: "abc", fetch, maxBodyBytes: 2 ** 30 }));
  return clients.get(fetch).getUsage();
};
