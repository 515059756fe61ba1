// The server process itself: making a cluster, recognising one that runs, starting and stopping it.

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { commandLineOf, endProcess, isAlive, pause } from "./processes.mjs";

const LOG_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Makes the cluster, its two roles and the database. All of it happens beside the final folder, which appears only
 * when complete, so that a crash leaves nothing half made.
 */
export function createCluster(
  cluster,
  { superuserPassword, ownerPassword, appPassword, database, forTests },
) {
  const unfinished = `${cluster.directory}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  makeFolderFor(cluster.user, unfinished);
  const passwordFile = path.join(unfinished, "password");
  fs.writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
  const data = path.join(unfinished, "data");
  makeFolderFor(cluster.user, data);
  if (cluster.user) fs.chownSync(passwordFile, cluster.user.uid, cluster.user.gid);
  run(cluster, "initdb", [
    `--pgdata=${data}`,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    // The same order of texts on every machine, whatever its libraries.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    ...(forTests ? ["--no-sync"] : []),
  ]);
  fs.writeFileSync(path.join(data, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
  const sql = [
    `CREATE ROLE tieout_owner LOGIN ${forTests ? "CREATEDB " : ""}PASSWORD '${ownerPassword}'`,
    `CREATE ROLE tieout_app LOGIN PASSWORD '${appPassword}'`,
    `CREATE DATABASE ${database} OWNER tieout_owner`,
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${database} TO tieout_app`,
  ];
  run(cluster, "postgres", ["--single", "-D", data, "postgres"], `${sql.join(";\n")};\n`);
  fs.renameSync(data, cluster.directory);
  fs.rmSync(unfinished, { recursive: true, force: true });
}

/**
 * The server that runs on this cluster now, ready for connections; null when none does. One that is just starting
 * is waited for; one that is stopping is waited out.
 */
export async function runningServer(cluster) {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const found = readPidFile(cluster);
    if (found === null || !isOurs(found.pid, cluster)) {
      await clearAway(cluster, found);
      return null;
    }
    if (found.status === "ready" && (await answers(found.port))) return { pid: found.pid, port: found.port };
    if (Date.now() > deadline) {
      throw new Error(`PostgreSQL (process ${found.pid}) runs but does not answer; see ${cluster.log}.`);
    }
    await pause(100);
  }
}

/** Starts the server on the port it had last time, or on a free one. */
export async function startServer(cluster, { preferredPort, forTests, log }) {
  let port = preferredPort || (await freePort());
  let failure = "";
  for (let attempt = 0; attempt < 8; attempt++) {
    const outcome = await startOnce(cluster, port, forTests);
    if (outcome.server) return outcome.server;
    failure = outcome.failure;
    if (/could not bind|Address already in use/.test(failure)) {
      port = await freePort();
      log(`The database's port is taken; trying ${port}.`);
    }
    // Else, after a crash, its last processes may take a moment to notice and to free the shared memory.
    await pause(250 * (attempt + 1));
  }
  throw new Error(`PostgreSQL does not start. Its last words (${cluster.log}):\n${failure}`);
}

/** Ends the server: open connections are cut, everything committed is on disk. */
export async function stopServer(cluster) {
  const found = readPidFile(cluster);
  if (found === null || !isOurs(found.pid, cluster)) return;
  // SIGINT is PostgreSQL's "fast" shutdown.
  await endProcess(found.pid, { signal: "SIGINT", graceMilliseconds: 30_000 });
}

async function startOnce(cluster, port, forTests) {
  const from = rotateLog(cluster.log);
  const output = fs.openSync(cluster.log, "a", 0o600);
  const child = spawn(
    path.join(cluster.binaries, "bin", "postgres"),
    serverArguments(cluster, port, forTests),
    {
      // In a group of its own: Ctrl-C in the terminal must not stop the database before those who use it.
      detached: true,
      stdio: ["ignore", output, output],
      cwd: cluster.directory,
      env: serverEnvironment(),
      ...identityFor(cluster.user),
    },
  );
  fs.closeSync(output);
  child.unref();
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  child.once("error", () => {
    ended = true;
  });
  const deadline = Date.now() + 120_000;
  while (!ended && Date.now() < deadline) {
    const found = readPidFile(cluster);
    if (found?.pid === child.pid && found.status === "ready") return { server: { pid: child.pid, port } };
    await pause(25);
  }
  return { failure: fs.readFileSync(cluster.log, "utf8").slice(from).split("\n").slice(-12).join("\n") };
}

function serverArguments(cluster, port, forTests) {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 100,
    work_mem: "32MB",
    maintenance_work_mem: "128MB",
    ...sizesFor(memoryMegabytes(), freeMegabytes(cluster.directory)),
    // A page that changes first after a checkpoint is logged whole: fewer checkpoints, less to log while a file loads.
    checkpoint_timeout: "15min",
    wal_level: "minimal",
    max_wal_senders: 0,
    jit: "off",
    random_page_cost: 1.1,
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] ",
    dynamic_shared_memory_type: sharedMemoryIsSmall() ? "mmap" : "posix",
    ...(forTests ? { fsync: "off", full_page_writes: "off", shared_buffers: "128MB" } : {}),
  };
  return [
    "-D",
    cluster.directory,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/**
 * An eighth of the machine's memory for the server's own cache, since the console and its builds need some too; and a
 * log as long as the disk allows before a checkpoint has to clear it. Durability is the same at any size.
 */
function sizesFor(memory, disk) {
  const between = (least, value, most) => `${Math.floor(Math.min(most, Math.max(least, value)))}MB`;
  return {
    shared_buffers: between(128, memory / 8, 2048),
    effective_cache_size: between(256, memory / 2, 65_536),
    max_wal_size: between(1024, disk / 10, 8192),
  };
}

/** The machine's memory, or what a container may have of it. */
function memoryMegabytes() {
  const limit = process.constrainedMemory?.() ?? 0;
  const total = os.totalmem();
  return (limit > 0 && limit < total ? limit : total) / 1024 ** 2;
}

function freeMegabytes(folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  return (bavail * bsize) / 1024 ** 2;
}

/** Containers often have 64 MB of /dev/shm, too little for a parallel query. */
function sharedMemoryIsSmall() {
  if (process.platform !== "linux") return process.platform === "win32";
  try {
    const { blocks, bsize } = fs.statfsSync("/dev/shm");
    return blocks * bsize < 256 * 1024 * 1024;
  } catch {
    return true;
  }
}

/** PG… variables of the person's shell must not reach the server. */
function serverEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG") && name !== "LC_ALL");
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

const identityFor = (user) => (user === null ? {} : { uid: user.uid, gid: user.gid });

function makeFolderFor(user, folder) {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) fs.chownSync(folder, user.uid, user.gid);
}

function run(cluster, program, words, input = "") {
  const outcome = spawnSync(path.join(cluster.binaries, "bin", program), words, {
    input,
    encoding: "utf8",
    cwd: "/",
    env: serverEnvironment(),
    ...identityFor(cluster.user),
  });
  const said = `${outcome.stdout ?? ""}${outcome.stderr ?? ""}`;
  // In single-user mode a failed statement is only said, not answered with a failing exit code.
  if (outcome.error || outcome.status !== 0 || /\b(ERROR|FATAL):/.test(said)) {
    throw new Error(`${program} failed: ${outcome.error?.message ?? said.split("\n").slice(-12).join("\n")}`);
  }
}

/** What postmaster.pid says: written by the server, left behind by one that was killed. */
function readPidFile(cluster) {
  try {
    const lines = fs.readFileSync(path.join(cluster.directory, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? "" };
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function isOurs(pid, cluster) {
  return isAlive(pid) && commandLineOf(pid).includes(`-D ${cluster.directory}`);
}

/** PostgreSQL itself recovers from a stale pid file, unless the id now belongs to a stranger. Then the file goes. */
async function clearAway(cluster, found) {
  if (found === null || !isAlive(found.pid)) return;
  fs.rmSync(path.join(cluster.directory, "postmaster.pid"), { force: true });
}

/** Whether a PostgreSQL answers there: it replies S or N to a request for encryption. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => finish(false));
    socket.once("error", () => finish(false));
    socket.once("connect", () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.once("data", (data) => finish(data[0] === 0x53 || data[0] === 0x4e));
  });
}

/** A TCP port on the loopback address that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Keeps one old log. Answers where the new words will begin. */
function rotateLog(file) {
  if (!fs.existsSync(file)) return 0;
  const { size } = fs.statSync(file);
  if (size <= LOG_BYTES_MAX) return size;
  fs.renameSync(file, `${file}.1`);
  return 0;
}
