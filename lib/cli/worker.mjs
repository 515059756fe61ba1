#!/usr/bin/env node
// `npm run worker`: takes jobs in a process of its own, beside the web process or on another machine with DATABASE_URL.

import { spawn } from "node:child_process";
import { applyMigrations, generateClient, installPackages } from "./support/prepare.mjs";
import { loadDotEnv, projectRoot, provideDatabase, provideSecret, typescript } from "./support/project.mjs";

const say = (line) => process.stderr.write(`${line}\n`);
let database;

try {
  loadDotEnv();
  // The child gets the signal of the terminal too, and ends in order; then we put things back.
  process.on("SIGINT", () => {});
  await installPackages();
  provideSecret();
  database = await provideDatabase(say);
  await generateClient();
  await applyMigrations();
  process.exitCode = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, typescript("lib/cli/worker.ts"), {
      cwd: projectRoot,
      stdio: "inherit",
    });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  await database?.stop();
}
