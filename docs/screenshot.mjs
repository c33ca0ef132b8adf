/**
 * Makes docs/dashboard.png: the dashboard with the sample API, in Chromium. It needs the built package and page:
 *
 *     cargo xtask build && node www/build.mjs && node docs/screenshot.mjs
 */
import { fileURLToPath } from "node:url";

import { launchChromium } from "../tests/browsers.mjs";
import { serve } from "../www/serve.mjs";

const PATH = fileURLToPath(new URL("dashboard.png", import.meta.url));
const WIDTH = 1200;
const MARGIN = 16;

const server = await serve();
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  await page.setViewport({ width: WIDTH, height: 1500 });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: "light" },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(server.url);
  await page.waitForSelector("#results[data-complete]");
  // The meters and the charts; the tables below them are long.
  const bottom = await page.$eval("#charts", (charts) => charts.getBoundingClientRect().bottom);
  await page.screenshot({ path: PATH, clip: { x: 0, y: 0, width: WIDTH, height: Math.ceil(bottom) + MARGIN } });
  console.log(PATH);
} finally {
  await browser.close();
  await server.close();
}
