// Runs any program with the database, its addresses and the secret in place: node lib/cli/support/with-database.mjs next dev

import { spawn } from "node:child_process";
import { applyMigrations, generateClient } from "./prepare.mjs";
import { loadDotEnv, projectRoot, provideDatabase, provideSecret } from "./project.mjs";

const [command, ...words] = process.argv.slice(2);
loadDotEnv();
provideSecret();
process.on("SIGINT", () => {});
const database = await provideDatabase((line) => process.stderr.write(`${line}\n`));
try {
  await generateClient();
  await applyMigrations();
  process.exitCode = await new Promise((resolve, reject) => {
    const child = spawn(command ?? "sh", words, { cwd: projectRoot, stdio: "inherit" });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
} finally {
  await database.stop();
}
