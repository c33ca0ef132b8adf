// A script that times a client's first response, with its import, and its second one. Its arguments are the URLs of the client and
// of the API.
const [client, api] = process.argv.slice(2);

const started = performance.now();
const { default: call } = await import(client);
const response = await call(api);
const first = performance.now() - started;
await call(api);
console.log(JSON.stringify({ response, first, second: performance.now() - started - first }));
