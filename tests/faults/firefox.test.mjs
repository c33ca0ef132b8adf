import { launchFirefox } from "../browsers.mjs";
import { inPage } from "./hosts.mjs";
import { testTable } from "./runtime.mjs";

// A browser opens six connections at most to one server, and each call that stalls keeps one.
testTable("firefox", inPage(launchFirefox), { lanes: 5 });
