// What the launchers share: where things are, the .env file, the secret, the database.

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { ensureDatabase } from "../../db/embedded.mjs";

export const projectRoot = path.resolve(import.meta.dirname, "../../..");

/** Takes over what `.env` sets and the environment does not. */
export function loadDotEnv() {
  const file = path.join(projectRoot, ".env");
  if (!fs.existsSync(file)) return;
  for (const [name, value] of Object.entries(parseEnv(fs.readFileSync(file, "utf8")))) {
    process.env[name] ??= value;
  }
}

/** The folder for everything that must outlive a process: database, secret, build state. Not in git. */
export function dataFolder() {
  const folder = path.resolve(projectRoot, process.env.TIEOUT_DATA_DIR || ".data");
  fs.mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

/** Sets TIEOUT_SECRET: the person's own, else one made at the first start and kept with mode 0600. */
export function provideSecret() {
  if (process.env.TIEOUT_SECRET) {
    if (process.env.TIEOUT_SECRET.length >= 32) return { created: false };
    throw new Error("TIEOUT_SECRET is shorter than 32 characters. Make one: openssl rand -hex 32");
  }
  const file = path.join(dataFolder(), "secret");
  let created = false;
  try {
    fs.writeFileSync(file, `${crypto.randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    created = true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  process.env.TIEOUT_SECRET = fs.readFileSync(file, "utf8").trim();
  return { created };
}

/**
 * Sets DATABASE_URL and DATABASE_APP_URL: the person's own server, else the embedded one, started or joined.
 *
 * @returns {Promise<{ embedded: boolean, adopted: boolean, pid: number | null, stop(): Promise<void> }>}
 */
export async function provideDatabase(log = () => {}) {
  if (process.env.DATABASE_URL) {
    return { embedded: false, adopted: true, pid: null, stop: async () => {} };
  }
  const database = await ensureDatabase({ dataDir: dataFolder(), log });
  process.env.DATABASE_URL = database.ownerUrl;
  process.env.DATABASE_APP_URL = database.appUrl;
  return {
    embedded: true,
    adopted: database.adopted,
    pid: database.pid,
    stop: () => database.stop(),
  };
}

/** The words that run a TypeScript file of ours under Node, as every command and the sandbox run. */
export const typescript = (file) => ["--conditions=react-server", "--import", "tsx", file];

/** A hash over the contents of files and folders, by name and content. Missing ones count as missing. */
export function hashOf(paths, skip = () => false) {
  const hash = crypto.createHash("sha256");
  for (const one of paths) addTo(hash, path.join(projectRoot, one), skip);
  return hash.digest("hex");
}

function addTo(hash, file, skip) {
  if (skip(path.relative(projectRoot, file)) || !fs.existsSync(file)) return;
  if (fs.statSync(file).isDirectory()) {
    for (const name of fs.readdirSync(file).sort()) addTo(hash, path.join(file, name), skip);
    return;
  }
  hash.update(`${path.relative(projectRoot, file)}\0`);
  hash.update(fs.readFileSync(file));
}
