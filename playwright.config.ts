import os from "node:os";
import path from "node:path";
import { defineConfig, devices } from "@playwright/test";
import { findChromium } from "./lib/cli/support/chromium.mjs";

// `npm test` gives a new data folder and a free port; alone, a lasting pair makes a second run quick.
process.env["TIEOUT_DATA_DIR"] ||= path.join(os.tmpdir(), "tieout-e2e");
process.env["PORT"] ||= "3999";
// Never a person's own database or systems, whatever .env says.
process.env["DATABASE_URL"] = "";
// How much the simulated systems let through in a minute is of the tests of the connectors: here it would only be waited for.
process.env["SANDBOX_RATE_LIMIT"] = "60000";
process.env["SANDBOX_BC_RATE_LIMIT"] = "300000";

const address = `http://127.0.0.1:${process.env["PORT"]}`;
const program = await findChromium();

const PUTS_RIGHT = "**/resolutions.spec.ts";
const desk = { ...devices["Desktop Chrome"], viewport: { width: 1440, height: 900 } };

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  // One server with one set of books: journeys that change them must not meet.
  workers: 1,
  // Enough for a machine that does something else besides.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  use: {
    baseURL: address,
    // What never comes is said where it was waited for, and not by the end of the test's time.
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // A trace of everything makes these tests half as long again: `npx playwright test --trace on` where one is wanted.
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(program === null ? {} : { executablePath: program }),
      args: [
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // There is none, and playing one takes more than drawing without.
        "--disable-gpu",
      ],
    },
  },
  projects: [
    { name: "chromium", testIgnore: PUTS_RIGHT, use: desk },
    // Puts right by the hundred what the others look at: it has the same books after them.
    { name: "puts right", testMatch: PUTS_RIGHT, use: desk },
  ],
  webServer: {
    command: "node lib/cli/start.mjs",
    url: `${address}/api/health`,
    timeout: 300_000,
    reuseExistingServer: false,
    stdout: "pipe",
    stderr: "pipe",
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
  },
});
