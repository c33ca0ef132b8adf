// A script: how long the client at the address that it is given takes, from its import to its first answer from an API, and
// then to a second one.
const [client, api] = process.argv.slice(2);

const started = performance.now();
const { default: call } = await import(client);
const answer = await call(api);
const first = performance.now() - started;
await call(api);
console.log(JSON.stringify({ answer, first, second: performance.now() - started - first }));
