// The embedded PostgreSQL: a real server in the data folder, used when no DATABASE_URL is given.
// Every process that uses it holds a lease; who gives back the last one stops the server. A server that outlived
// its users (kill -9) is adopted by the next one.

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { mayReach, reachableBinaries, serverUser } from "./embedded-binaries.mjs";
import { createCluster, runningServer, startServer, stopServer } from "./embedded-server.mjs";
import { identityOf, isAlive, pause } from "./processes.mjs";

const DATABASE = "tieout";

/**
 * Brings up the embedded database, or joins it when it runs already.
 *
 * @param {{ dataDir: string, log?: (line: string) => void, forTests?: boolean }} options
 *   `dataDir` holds the cluster, its passwords (mode 0600) and its log; `forTests` trades durability for speed and
 *   lets the owner create databases.
 * @returns {Promise<{ ownerUrl: string, appUrl: string, adopted: boolean, created: boolean, pid: number, stop(): Promise<void> }>}
 *   `stop` gives the lease back; the server ends when nobody else holds one.
 */
export async function ensureDatabase({ dataDir, log = () => {}, forTests = false }) {
  const user = serverUser();
  prepareFolder(dataDir);
  const release = await takeLock(path.join(dataDir, "database.lock"));
  try {
    const record = readRecord(dataDir) ?? newRecord(dataDir, user, log);
    prepareHome(record.home, user);
    const binaries = reachableBinaries({ user, home: record.home, log });
    const cluster = {
      directory: path.join(record.home, "pg"),
      log: path.join(record.home, "pg.log"),
      binaries,
      user,
    };
    const created = !fs.existsSync(path.join(cluster.directory, "PG_VERSION"));
    if (created) createCluster(cluster, { ...record, database: DATABASE, forTests });
    const running = await runningServer(cluster);
    const server = running ?? (await startServer(cluster, { preferredPort: record.port, forTests, log }));
    writePrivately(recordFile(dataDir), { ...record, port: server.port });
    const lease = takeLease(dataDir);
    return {
      ownerUrl: url("tieout_owner", record.ownerPassword, server.port),
      appUrl: url("tieout_app", record.appPassword, server.port),
      adopted: running !== null,
      created,
      pid: server.pid,
      stop: () => leave({ dataDir, lease, cluster }),
    };
  } finally {
    release();
  }
}

const url = (role, password, port) => `postgresql://${role}:${password}@127.0.0.1:${port}/${DATABASE}`;
const recordFile = (dataDir) => path.join(dataDir, "database.json");

/** Gives a lease back, and stops the server when it was the last. Twice is as good as once. */
async function leave({ dataDir, lease, cluster }) {
  if (!fs.existsSync(lease)) return;
  const release = await takeLock(path.join(dataDir, "database.lock"));
  try {
    fs.rmSync(lease, { force: true });
    if (liveLeases(dataDir) === 0) await stopServer(cluster);
  } finally {
    release();
  }
}

function prepareFolder(dataDir) {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  // The server's user must pass through; every file with a secret is 0600 by itself.
  if (process.getuid?.() === 0) fs.chmodSync(dataDir, 0o711);
}

function readRecord(dataDir) {
  if (!fs.existsSync(recordFile(dataDir))) return null;
  return JSON.parse(fs.readFileSync(recordFile(dataDir), "utf8"));
}

/** Passwords are hexadecimal: safe in SQL, in URLs and on a screen. */
function newRecord(dataDir, user, log) {
  const password = () => crypto.randomBytes(24).toString("hex");
  const record = {
    home: chooseHome(dataDir, user, log),
    port: null,
    superuserPassword: password(),
    ownerPassword: password(),
    appPassword: password(),
  };
  // Written before the cluster is made: a cluster without its passwords would be lost.
  writePrivately(recordFile(dataDir), record);
  return record;
}

/** The data folder itself, unless the server's user cannot reach it (a project under /root): then a lasting place outside. */
function chooseHome(dataDir, user, log) {
  if (mayReach(user, "-x", dataDir)) return dataDir;
  const home = path.join("/var/lib/tieout", crypto.randomBytes(8).toString("hex"));
  log(`The server's user ${user.name} cannot reach ${dataDir}; the database is kept in ${home}.`);
  return home;
}

function prepareHome(home, user) {
  fs.mkdirSync(home, { recursive: true, mode: 0o711 });
  if (user !== null && !mayReach(user, "-x", home)) {
    throw new Error(
      `The database's folder ${home} cannot be reached by the system user ${user.name}: let it pass (chmod o+x on its parent folders), or set DATABASE_URL.`,
    );
  }
}

function writePrivately(file, value) {
  const unfinished = `${file}.${process.pid}`;
  fs.writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(unfinished, file);
}

let leases = 0;

function takeLease(dataDir) {
  const folder = path.join(dataDir, "database-users");
  fs.mkdirSync(folder, { recursive: true });
  const lease = path.join(folder, `${process.pid}-${leases++}`);
  fs.writeFileSync(lease, identityOf(process.pid) ?? "");
  return lease;
}

/** Counts the leases whose process still lives, and clears away the others. */
function liveLeases(dataDir) {
  const folder = path.join(dataDir, "database-users");
  return fs.readdirSync(folder).filter((name) => {
    const lease = path.join(folder, name);
    const lives = identityOf(Number.parseInt(name, 10)) === fs.readFileSync(lease, "utf8");
    if (!lives) fs.rmSync(lease, { force: true });
    return lives;
  }).length;
}

/** One process at a time starts or stops the server. A lock left by a process that is gone is taken over. */
async function takeLock(file) {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      fs.writeFileSync(file, `${process.pid}\n${identityOf(process.pid)}`, { flag: "wx" });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    clearAbandonedLock(file);
    if (Date.now() > deadline)
      throw new Error(`Another process has been starting the database for two minutes (${file}).`);
    await pause(50);
  }
}

function clearAbandonedLock(file) {
  try {
    const [pid, identity] = fs.readFileSync(file, "utf8").split("\n");
    // Between creation and writing the file is empty: that is somebody at work, unless it stays so.
    if (pid === "" || identity === undefined) {
      if (Date.now() - fs.statSync(file).mtimeMs > 5_000) fs.rmSync(file, { force: true });
      return;
    }
    if (!isAlive(Number(pid)) || identityOf(Number(pid)) !== identity) fs.rmSync(file, { force: true });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}
