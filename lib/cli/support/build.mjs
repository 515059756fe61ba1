// The production build, made when what it is made of has changed.

import fs from "node:fs";
import path from "node:path";
import { run } from "./prepare.mjs";
import { hashOf, projectRoot } from "./project.mjs";

const SOURCES = [
  "app",
  "components",
  "lib",
  "prisma/schema",
  "public",
  "instrumentation.ts",
  "proxy.ts",
  "next.config.js",
  "package-lock.json",
  "package.json",
  "tsconfig.json",
];
const NOT_BUILT = /^lib\/(cli|sandbox|db\/generated)(\/|$)|\.test\.tsx?$/;

const marker = path.join(projectRoot, ".next", "sources-hash");

/**
 * Builds for production unless the last build is of the same sources. A build that breaks off leaves no marker.
 *
 * @returns {Promise<boolean>} whether it built
 */
export async function buildWhenChanged({ onOutput } = {}) {
  const wanted = hashOf(SOURCES, (name) => NOT_BUILT.test(name));
  if (fs.existsSync(marker) && fs.readFileSync(marker, "utf8") === wanted) return false;
  fs.rmSync(marker, { force: true });
  await run(process.execPath, [nextProgram, "build"], {
    onOutput,
    env: buildEnvironment(),
    advice: "The sources do not build; `npm test -- --only types` says more.",
  });
  fs.writeFileSync(marker, wanted);
  return true;
}

export const nextProgram = path.join(projectRoot, "node_modules", "next", "dist", "bin", "next");

/** Without addresses and secrets: a build needs none, so none can end up in it. */
function buildEnvironment() {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  for (const name of Object.keys(env)) {
    if (/^(DATABASE_|TIEOUT_SECRET|NEXTAUTH_|SCAYLE_|BC_)/.test(name)) delete env[name];
  }
  return env;
}
