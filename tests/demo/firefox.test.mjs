import { launchFirefox } from "../browsers.mjs";
import { dashboardTests } from "./dashboard.mjs";

dashboardTests({
  launch: launchFirefox,
  async newPage(browser, t) {
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.setViewport({ width: 1400, height: 900 });
    return page;
  },
  waitFor: (page, predicate, argument) => page.waitForFunction(predicate, {}, argument),
});
