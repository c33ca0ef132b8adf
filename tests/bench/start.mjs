// The time to the first response over loopback. To run only this part: PKG=FOLDER node --expose-gc tests/bench/main.mjs start
import { join } from "node:path";

import { listen } from "../package/api.mjs";
import { responseBody } from "./data.mjs";
import { alternate, median } from "./pairs.mjs";
import { script } from "./project.mjs";
import { bundleWorker, timeWorker } from "./start/worker.mjs";
import { goal, ratio } from "./table.mjs";

const ROUNDS = 20;

const MODELS = JSON.stringify({ object: "list", data: [{ id: "gpt", object: "model", created: 1, owned_by: "openai" }] });

/** An API with a response for each client. */
function startApi() {
  const bodies = { "/v7/usage": responseBody(1), "/v1/models": MODELS };
  return listen(({ url }, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(bodies[url.split("?")[0]]);
  });
}

/** The median times of each client's first and second response. The clients are measured in turn. */
async function times(measures) {
  await alternate(2, ...measures);
  const samples = await alternate(ROUNDS, ...measures);
  return ["first", "second"].map((which) => samples.map((of) => median(of.map((sample) => sample[which]))));
}

function row(name, [plain, ours, openai], limit) {
  const ahead = `< openai: ${ours < openai ? "met" : "NOT met"}`;
  const verdict = limit ? `${goal(ours / plain, limit, ratio)}, ${ahead}` : "";
  return [name, plain.toFixed(1), ratio(ours / plain), ratio(openai / plain), verdict];
}

export default async function start(project) {
  const api = await startApi();
  try {
    const [plain, openai] = ["plain", "openai"].map((name) => import.meta.resolve(`./start/${name}.mjs`));
    const clients = [plain, await project.adopt("start/ours.mjs"), openai];
    const folders = clients.map((_, i) => join(project.folder, `worker-${i}`));
    await Promise.all(clients.map((client, i) => bundleWorker(folders[i], client, api.url)));
    const [first, second] = await times(clients.map((client) => () => script("start/process.mjs", client, api.url)));
    const [lazyFirst, lazySecond] = await times(folders.map((folder) => () => timeWorker(folder, "lazy")));
    const [eagerFirst] = await times(folders.map((folder) => () => timeWorker(folder, "eager")));
    return {
      title: "Start",
      head: ["from – to", "plain fetch, ms", "**thousandeyes-usage**", "openai", "goal"],
      rows: [
        row("new Node process, import – first response", first),
        row("second response there", second),
        row("running workerd, request that makes the isolate – first response", lazyFirst, 3.2),
        row("second response there", lazySecond),
        row("new workerd with its isolate made, request – first response", eagerFirst),
      ],
      notes: [
        `Medians of ${ROUNDS} processes for each client, measured in turn, and their ratios to plain fetch. The API is on loopback.`,
      ],
    };
  } finally {
    api.close();
  }
}
