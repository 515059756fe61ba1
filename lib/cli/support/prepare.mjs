// Packages, the Prisma client and migrations: made when needed, skipped when nothing changed.

import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { endProcess } from "../../db/processes.mjs";
import { dataFolder, hashOf, projectRoot, typescript } from "./project.mjs";

const installedFile = path.join(projectRoot, "node_modules", ".tieout-lockfile");
const generatedFolder = path.join(projectRoot, "lib", "db", "generated");
const generatedFile = path.join(generatedFolder, ".schema-hash");

/** Installs the packages of the lockfile when they are missing or another lockfile's. Answers whether it did. */
export async function installPackages({ onOutput } = {}) {
  const lock = hashOf(["package-lock.json"]);
  if (readOrNull(installedFile) === lock) return false;
  if (installedVersionsFit()) {
    fs.writeFileSync(installedFile, lock);
    return false;
  }
  await run("npm", ["ci", "--no-audit", "--no-fund"], {
    onOutput,
    // A NODE_ENV of production would leave out what the build and the tests need.
    env: { ...process.env, NODE_ENV: "development" },
    advice: "Check the network connection and the npm registry that is set up, then start again.",
  });
  fs.writeFileSync(installedFile, lock);
  return true;
}

/** npm keeps a copy of the lockfile it installed: when it names the same versions, nothing is to be done. */
function installedVersionsFit() {
  try {
    const versions = (file) =>
      Object.entries(JSON.parse(fs.readFileSync(path.join(projectRoot, file), "utf8")).packages)
        .filter(([name, entry]) => name !== "" && !entry.optional)
        .map(([name, entry]) => `${name}@${entry.version}`)
        .sort()
        .join("\n");
    return versions("package-lock.json") === versions("node_modules/.package-lock.json");
  } catch {
    return false;
  }
}

/** Writes the Prisma client when the schema or Prisma's version changed. Answers whether it did. */
export async function generateClient({ onOutput } = {}) {
  const wanted = hashOf(["prisma/schema", "prisma.config.ts", "node_modules/prisma/package.json"]);
  if (readOrNull(generatedFile) === wanted) return false;
  await run(process.execPath, [path.join(projectRoot, "node_modules/prisma/build/index.js"), "generate"], {
    onOutput,
    // Generating needs no schema engine, but Prisma tries to download one unless a file is named: any will do.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
    advice: "The schema in prisma/schema cannot be read.",
  });
  fs.writeFileSync(generatedFile, wanted);
  return true;
}

/**
 * Applies the migrations to DATABASE_URL, unless this database is known to have them all.
 *
 * @returns {Promise<{ applied: string[], warnings: string[], skipped: boolean }>}
 */
export async function applyMigrations() {
  const file = path.join(dataFolder(), "migrated.json");
  const state = crypto
    .createHash("sha256")
    .update(
      [hashOf(["prisma/migrations"]), process.env.DATABASE_URL, process.env.DATABASE_APP_URL].join("\n"),
    )
    .digest("hex");
  const known = JSON.parse(readOrNull(file) ?? "{}");
  if (known.state === state) return { applied: [], warnings: known.warnings, skipped: true };
  let output = "";
  await run(process.execPath, typescript("lib/db/migrate-command.ts"), {
    onStdout: (text) => {
      output += text;
    },
    advice: "Check that DATABASE_URL names a PostgreSQL 15 or newer whose user owns its database.",
  });
  const { applied, warnings } = JSON.parse(output);
  fs.writeFileSync(file, JSON.stringify({ state, warnings }));
  return { applied, warnings, skipped: false };
}

/**
 * Runs a program to its end, in the project folder.
 *
 * @throws Error with its last words and what to do when it fails
 */
export function run(
  command,
  words,
  {
    env = process.env,
    onOutput,
    onStdout,
    advice = "",
    tailLines = 25,
    endsBy = { signal: "SIGTERM", graceMilliseconds: 5_000 },
  } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: projectRoot, env, stdio: ["ignore", "pipe", "pipe"] });
    running.set(child, endsBy);
    let said = "";
    const hear = (text) => {
      said = (said + text).slice(-60_000);
      onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", onStdout ?? hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", (error) => reject(new Error(`${command} cannot be run: ${error.message}`)));
    child.once("close", (code, signal) => {
      running.delete(child);
      if (code === 0) return resolve();
      const words = said.trim().split("\n").slice(-tailLines).join("\n");
      reject(
        new Error(`${words}\n(${path.basename(command)} ended with ${code ?? signal}.) ${advice}`.trim()),
      );
    });
  });
}

const running = new Map();

/** Ends the programs that `run` is waiting for, each as it was said there. */
export async function stopRunning() {
  await Promise.all([...running].map(([child, endsBy]) => endProcess(child.pid, endsBy)));
}

function readOrNull(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
