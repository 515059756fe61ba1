#!/usr/bin/env node
// `npm run simulate`: the fault simulation over many seeds, or one again, on a PostgreSQL of its own.

import { spawn } from "node:child_process";
import { generateClient } from "./support/prepare.mjs";
import { projectRoot, typescript } from "./support/project.mjs";

const HELP = `npm run simulate -- [options]
  --seeds <n>   so many seeds (100)
  --from <n>    the first of them (1)
  --seed <n>    this seed alone, with each fault that it has`;

const words = process.argv.slice(2);
if (words.includes("--help")) {
  process.stdout.write(`${HELP}\n`);
} else {
  await generateClient();
  const child = spawn(process.execPath, [...typescript("e2e/simulation/main.ts"), ...words], {
    cwd: projectRoot,
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.once("close", (code) => {
    process.exitCode = code ?? 1;
  });
}
