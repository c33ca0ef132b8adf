// The other entries of the package. It is compiled and never run.
import * as index from "thousandeyes-usage";
import * as inline from "thousandeyes-usage/inline";
import wasm from "thousandeyes-usage/usage.wasm";

import { is, type Same } from "./same.js";

is<Same<typeof inline, typeof index>>();
is<Same<inline.UsageClient, index.UsageClient>>();
is<Same<inline.UsageError, index.UsageError>>();
is<Same<inline.Usage, index.Usage>>();

is<Same<typeof wasm, WebAssembly.Module>>();
index.init(wasm);
