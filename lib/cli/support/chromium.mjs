// A Chromium for the browser tests: Playwright's own, an installed one, or one from the system's package manager.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { run } from "./prepare.mjs";
import { projectRoot } from "./project.mjs";

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The program to test with, when there is one.
 *
 * @returns {Promise<string | null>}
 */
export async function findChromium() {
  const { chromium } = await import("@playwright/test");
  return [process.env.TIEOUT_CHROMIUM, chromium.executablePath(), ...INSTALLED].find(canRun) ?? null;
}

/**
 * The program to test with, fetched when there is none.
 *
 * @throws Error saying what to install when none can be had
 */
export async function obtainChromium(say) {
  const found = await findChromium();
  if (found !== null) return found;
  const ways = [
    { title: "Debian's chromium", use: canUseApt(), install: installWithApt },
    { title: "Playwright's own", use: true, install: installWithPlaywright },
  ];
  for (const way of ways.filter(({ use }) => use)) {
    say(`No Chromium is installed; trying ${way.title}.`);
    const fault = await way.install().then(
      () => null,
      (error) => error.message.split("\n").at(-1),
    );
    const program = await findChromium();
    if (program !== null) return program;
    say(`${way.title} could not be had${fault ? `: ${fault}` : "."}`);
  }
  throw new Error(
    "The browser tests need Chromium, and none could be installed. Install one (Debian: apt-get install chromium), or name one: TIEOUT_CHROMIUM=/path/to/chromium npm test",
  );
}

const canRun = (program) => Boolean(program) && fs.existsSync(program);

/** Only where nobody would be asked for a password. */
const canUseApt = () =>
  process.getuid?.() === 0 && spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;

async function installWithApt() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-q"], { env });
  await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-liberation"], {
    env,
  });
}

async function installWithPlaywright() {
  const program = path.join(projectRoot, "node_modules", "@playwright", "test", "cli.js");
  await run(process.execPath, [program, "install", "chromium"], {
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "15000" },
  });
}
