// The entries in CommonJS. It is compiled and never run.
import wasm = require("thousandeyes-usage/usage.wasm");
import inline = require("thousandeyes-usage/inline");
import index = require("thousandeyes-usage");
import { getUsage, UsageError, type RateLimitError, type Usage } from "thousandeyes-usage";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T | void => {};

is<Same<typeof inline, typeof index>>();
is<Same<typeof index.getUsage, typeof getUsage>>();
is<Same<ReturnType<typeof getUsage>, Promise<Usage>>>();
is<Same<index.UsageClient, inline.UsageClient>>();

getUsage("2067", ["test"]).catch((error: unknown) => {
  if (error instanceof UsageError && error.code === "rate-limit") is<Same<typeof error, RateLimitError>>();
});

is<Same<typeof wasm, WebAssembly.Module>>();
inline.init(wasm);

// A module and a script of one program share the types.
import("thousandeyes-usage").then((asModule) => is<Same<typeof asModule.UsageClient, typeof index.UsageClient>>());
