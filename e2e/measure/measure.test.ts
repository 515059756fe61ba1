import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { handlers } from "@/lib/jobs/handlers";
import { startJobs } from "@/lib/jobs/runner";
import { readBody } from "@/lib/sandbox/http";
import { receiveScayle } from "@/lib/webhooks/receive";
import { measureClose } from "./close";
import { measurePull } from "./pull";
import { measureResync } from "./resync";
import { measureWebhooks, type Served } from "./webhooks";
import { closeWords, pullWords, resyncWords, webhooksWords } from "./words";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(os.tmpdir(), "tieout-measure-test-"));
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the served product does, without the build: its receiver behind a plain server, its jobs beside it. */
async function serve(): Promise<Served> {
  const now = (): Date => new Date();
  const { ownerUrl, ownerPool, appPool } = database;
  const jobs = await startJobs({
    connectionString: ownerUrl,
    pool: ownerPool,
    handlers,
    now,
    pollMilliseconds: 100,
  });
  const server = createServer(async (request, response) => {
    const body = Buffer.from(await readBody(request));
    const header = (name: string) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : null;
    };
    const { status } = await receiveScayle({ header, body }, { pool: appPool, now });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await jobs.stop();
    },
  };
}

it("loses no webhook, and leaves every order as its source has it", async () => {
  const measured = await measureWebhooks(
    database.ownerPool,
    { rate: 150, seconds: 2, seed: 1, folder },
    serve,
  );
  expect(measured).toMatchObject({
    sent: 300,
    distinct: 240,
    duplicates: 60,
    answers: { 202: 300 },
    lost: [],
    unsettled: 0,
    different: [],
  });
  expect(measured.reordered).toBeGreaterThan(0);
  expect(measured.newer).toBeGreaterThan(0);
  expect(measured.newer).toBeLessThan(240);
  expect(measured.compared).toBeGreaterThanOrEqual(measured.ordersTouched);
  const { rows } = await database.ownerPool.query("SELECT task, error FROM job_failure");
  expect(rows).toEqual([]);
  expect(webhooksWords(measured, "web").holds).toBe(true);
});

it("pulls every order once, though its process is killed in the middle", async () => {
  const measured = await measurePull(database.ownerPool, { orders: 1500, seed: 1, folder });
  expect(measured).toMatchObject({ orders: 1500, held: 1500, heldOnce: 1500, unbroken: true, different: [] });
  expect(measured.compared).toBe(1500);
  expect(measured.processes.filter((one) => one.killed)).toHaveLength(1);
  expect(pullWords(measured).holds).toBe(true);
});

it("brings single orders up to date, and has one run for two who ask at once", async () => {
  const measured = await measureResync(database.ownerPool, { resyncs: 6, seed: 1, folder });
  expect(measured).toMatchObject({ resyncs: 6, different: [], problems: [], twoAtOnce: { joined: 1 } });
  expect(measured.changed).toBeGreaterThan(0);
  expect(resyncWords(measured).holds).toBe(true);
});

it("closes a month, and what comes late leaves its lock as it was", async () => {
  const measured = await measureClose(database.ownerPool, { lines: 4_000, repeats: 1, late: 500 });
  expect(measured).toMatchObject({ locked: 4_000, late: 500, wrong: [] });
  expect(closeWords(measured).holds).toBe(true);
});
