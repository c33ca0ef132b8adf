import { launchFirefox } from "../browsers.mjs";
import { pageTests } from "./page.mjs";

pageTests(launchFirefox, { stackHasMessage: false });
