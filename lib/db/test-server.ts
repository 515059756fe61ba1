import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureDatabase } from "@/lib/db/embedded.mjs";
import { migrate } from "@/lib/db/migrate";
import { onServer, TEMPLATE, withDatabase } from "@/lib/db/testing";

/** vitest's global set-up: a PostgreSQL of the test run's own, with a migrated template to copy; gone afterwards. */
export default async function setUp(): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-test-"));
  const server = await ensureDatabase({ dataDir: folder, forTests: true });
  await onServer(server.ownerUrl, `CREATE DATABASE ${TEMPLATE}`);
  await onServer(server.ownerUrl, `GRANT CONNECT ON DATABASE ${TEMPLATE} TO tieout_app`);
  await migrate({
    ownerUrl: withDatabase(server.ownerUrl, TEMPLATE),
    appUrl: withDatabase(server.appUrl, TEMPLATE),
  });
  process.env["TEST_DATABASE_URL"] = server.ownerUrl;
  process.env["TEST_DATABASE_APP_URL"] = server.appUrl;
  // For what else tests of one run share; it goes with the server.
  process.env["TEST_FOLDER"] = folder;
  // Ended by a signal, the runner takes nothing down: the server would outlive it.
  const end = () => {
    endAtOnce(path.join(folder, "pg"));
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.prependOnceListener(signal, end);
  return async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}

/** Has a PostgreSQL end without a checkpoint: nothing of it is kept. */
function endAtOnce(folder: string): void {
  try {
    const [pid] = fs.readFileSync(path.join(folder, "postmaster.pid"), "utf8").split("\n");
    process.kill(Number(pid), "SIGQUIT");
  } catch {
    // It has ended already.
  }
}
