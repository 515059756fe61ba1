#!/usr/bin/env node
// `npm run tieout -- …`: brings up what a command needs (packages are taken as installed), runs it, and leaves the
// machine as it was. Only the command writes to standard output.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { applyMigrations, generateClient } from "./support/prepare.mjs";
import { loadDotEnv, projectRoot, provideDatabase, provideSecret, typescript } from "./support/project.mjs";

const say = (line) => process.stderr.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(words) {
  if (!fs.existsSync(path.join(projectRoot, "node_modules", "tsx"))) {
    say("The packages are not installed yet. Run npm start once, or npm ci.");
    return 1;
  }
  loadDotEnv();
  // The child gets the same signal from the terminal and ends first; then we put things back.
  process.on("SIGINT", () => {});
  let database;
  try {
    provideSecret();
    database = await provideDatabase(say);
    await generateClient();
    const { warnings, skipped } = await applyMigrations();
    if (!skipped) for (const warning of warnings) say(warning);
    return await runCommand(words);
  } catch (error) {
    say(error.message);
    return 1;
  } finally {
    await database?.stop();
  }
}

function runCommand(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...typescript("lib/cli/tieout.ts"), ...words], {
      cwd: projectRoot,
      stdio: "inherit",
      // Where the person is: a relative file name means a file there.
      env: { ...process.env, INIT_CWD: process.env.INIT_CWD ?? process.cwd() },
    });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}
