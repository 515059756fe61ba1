import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the scenario needs of Debian 12 (Tryton 6.0); the rest comes along as dependencies. */
const PACKAGES = [
  "tryton-server",
  "tryton-modules-account-invoice",
  "tryton-modules-account-product",
  "tryton-modules-sale",
  "tryton-modules-account-de-skr03",
];
const MODULES = ["ir", "res", "account_invoice", "account_product", "sale", "account_de_skr03"];
const PROGRAM = "/usr/bin/trytond";
const MODULE_FOLDER = "/usr/lib/python3/dist-packages/trytond/modules/account_de_skr03";

export const DATABASE = "erp";
export const ADMIN = { user: "admin", password: "tryton-admin-pw" } as const;

/** A Tryton of this test's own: a folder, a SQLite database, a process on the loopback interface. */
export type TrytonServer = Readonly<{
  url: string;
  version: string;
  /** the folder of its database */
  data: string;
  start(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Ends it, and takes its folder away. */
  close(): Promise<void>;
}>;

/** The scenario posts as Tryton 6.0 has it; later ones do some things otherwise. */
const SERIES = "6.0";

const isInstalled = (): boolean => existsSync(PROGRAM) && existsSync(MODULE_FOLDER);

/**
 * Installs Debian's Tryton where that is possible without asking anybody. Null when it is there, else why it is not.
 */
export async function obtainTryton(say: (line: string) => void): Promise<string | null> {
  const missing = await installTryton(say);
  if (missing !== null) return missing;
  const { stdout } = spawnSync(PROGRAM, ["--version"], { encoding: "utf8", env: environment({}) });
  const version = stdout.trim().split(" ").at(-1) ?? "";
  if (version.startsWith(`${SERIES}.`)) return null;
  return `the Tryton of this system is ${version || "of no known version"}, and the scenario is written for ${SERIES}`;
}

async function installTryton(say: (line: string) => void): Promise<string | null> {
  if (isInstalled()) return null;
  if (spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0)
    return "this system has no apt-get to install Debian's tryton-server with";
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (prefix.length > 0 && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status !== 0)
    return "tryton-server is not installed, and installing it needs root";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...words: string[]) => {
    const [program = "apt-get", ...rest] = [...prefix, "apt-get", "-q", ...words];
    return run(program, rest, { env, maxBuffer: 64 * 1024 * 1024 });
  };
  say(`Installing ${PACKAGES.join(" ")}.`);
  try {
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", ...PACKAGES);
  } catch (error) {
    return `Debian's packages of Tryton could not be installed: ${lastLine(error)}`;
  }
  return isInstalled() ? null : `${PROGRAM} is not there although its package was installed`;
}

function lastLine(error: unknown): string {
  const text = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  return text.trim().split("\n").at(-1) ?? "no words";
}

/**
 * Starts a server on a database of its own: a copy of the one in a folder, else an empty one with the modules of the scenario,
 * which takes a while to make.
 */
export async function startTryton(copyOf?: string): Promise<TrytonServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "tieout-tryton-"));
  const port = await freePort();
  const configuration = path.join(folder, "trytond.conf");
  const data = path.join(folder, "data");
  await mkdir(data);
  await mkdir(path.join(folder, "www"));
  await writeFile(
    configuration,
    `[web]\nlisten = 127.0.0.1:${port}\nroot = ${folder}/www\n[database]\nuri = sqlite://\npath = ${data}\n[session]\ntimeout = 3600\n`,
  );
  await writeFile(path.join(folder, "password"), ADMIN.password, { mode: 0o600 });
  const env = environment({ TRYTONPASSFILE: path.join(folder, "password") });
  if (copyOf === undefined) await initialise(configuration, data, env);
  else await cp(copyOf, data, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  const endWithUs = (): void => {
    child?.kill("SIGKILL");
  };
  process.on("exit", endWithUs);
  const start = async (): Promise<void> => {
    child = spawn(PROGRAM, ["-c", configuration], { env, stdio: "ignore" });
    await answering(url);
  };
  const kill = async (): Promise<void> => {
    const ended = child;
    child = null;
    if (!ended || ended.exitCode !== null) return;
    const gone = new Promise((resolve) => ended.once("exit", resolve));
    ended.kill("SIGKILL");
    await gone;
  };
  await start();
  return {
    url,
    version: await answering(url),
    data,
    start,
    kill,
    close: async () => {
      process.off("exit", endWithUs);
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function initialise(configuration: string, data: string, env: NodeJS.ProcessEnv): Promise<void> {
  // Tryton doesn't make the file: it must be there, empty.
  await writeFile(path.join(data, `${DATABASE}.sqlite`), "");
  await run(
    "/usr/bin/trytond-admin",
    [
      ...["-c", configuration, "-d", DATABASE, "--activate-dependencies", "--email", "erp@example.com"],
      ...["-u", ...MODULES],
    ],
    { env, maxBuffer: 64 * 1024 * 1024 },
  );
}

/** The server's version, once it answers. */
async function answering(url: string): Promise<string> {
  for (let tries = 0; tries < 300; tries += 1) {
    try {
      const body = JSON.stringify({ id: 0, method: "common.server.version", params: [] });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/`, { method: "POST", headers, body });
      const answer: unknown = await response.json();
      if (typeof answer === "object" && answer !== null && "result" in answer) return String(answer.result);
    } catch {
      // It is not up yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Tryton did not answer at ${url} within half a minute.`);
}

/** Debian's Tryton runs on Debian's Python, whatever else is in front of it. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PYTHONPATH: _, PYTHONHOME: __, VIRTUAL_ENV: ___, ...rest } = process.env;
  return { ...rest, ...extra };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
