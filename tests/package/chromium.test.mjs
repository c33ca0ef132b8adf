import { launchChromium } from "../browsers.mjs";
import { pageTests } from "./page.mjs";

pageTests(launchChromium, { stackHasMessage: true });
