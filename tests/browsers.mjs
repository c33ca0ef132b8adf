// The browsers of this machine, by $CHROMIUM and $FIREFOX, else where Debian has them.
import puppeteer from "puppeteer-core";

// Root has no sandbox.
const ARGS = ["--disable-gpu", "--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];

/** What starts Chromium, whatever drives it. */
export const CHROMIUM = { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS };

export const launchChromium = () => puppeteer.launch({ browser: "chrome", ...CHROMIUM });

export const launchFirefox = () =>
  puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr" });
