import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { isSomebodyTakingJobs } from "./liveness";
import { isWorkerMissing } from "./missing";
import { addJob } from "./queue";
import { type Handlers, type Jobs, startJobs } from "./runner";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const nothing: Handlers = {
  "schedule-feeds": async () => undefined,
  "sync-feed": async () => undefined,
  backfill: async () => undefined,
  "read-named-orders": async () => undefined,
  "read-named-stock": async () => undefined,
  "erase-customers": async () => undefined,
  "resync-orders": async () => undefined,
  "predict-fix": async () => undefined,
  resolve: async () => undefined,
  "resolve-batch": async () => undefined,
  "post-journal": async () => undefined,
  reconcile: async () => undefined,
  "sweep-months": async () => undefined,
  "sweep-feed": async () => undefined,
  "recount-months": async () => undefined,
  "recount-entity": async () => undefined,
  "watch-exceptions": async () => undefined,
  "watch-alerts": async () => undefined,
  "deliver-alert": async () => undefined,
  "verify-audit": async () => undefined,
  "retry-record": async () => undefined,
};

const start = (handlers: Partial<Handlers>): Promise<Jobs> =>
  startJobs({
    connectionString: database.ownerUrl,
    pool: database.ownerPool,
    handlers: { ...nothing, ...handlers },
    now: () => new Date(),
    pollMilliseconds: 100,
  });

const waiting = async (): Promise<number> =>
  (await database.ownerPool.query("SELECT count(*)::int AS n FROM graphile_worker._private_jobs")).rows[0].n;

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error("It did not come to pass.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("whoever takes jobs", () => {
  it("is seen by the app's role while it lives, also after its connection was lost, and not when it has ended", async () => {
    const isTaken = () => isSomebodyTakingJobs(database.appPool);
    process.env["TIEOUT_JOBS"] = "worker";
    expect(await isTaken()).toBe(false);
    expect(await isWorkerMissing()).toBe(true);
    const [one, other] = [await start({}), await start({})];
    expect(await isTaken()).toBe(true);
    expect(await isWorkerMissing()).toBe(false);
    await one.stop();
    expect(await isTaken()).toBe(true);
    await database.ownerPool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tieout jobs' AND datname = current_database()",
    );
    await until(async () => !(await isTaken()));
    await until(isTaken);
    await other.stop();
    expect(await isTaken()).toBe(false);
    process.env["TIEOUT_JOBS"] = "web";
    expect(await isWorkerMissing()).toBe(false);
    process.env["TIEOUT_JOBS"] = "";
  });
});

describe("a job", () => {
  it("is there when the transaction that adds it commits, and not when it rolls back; the app's role may add one", async () => {
    const failing = inTransaction(database.appPool, async (client) => {
      await addJob(client, "reconcile", { entityId: "A" });
      throw new Error("undone");
    });
    await expect(failing).rejects.toThrow("undone");
    expect(await waiting()).toBe(0);
    const done: string[] = [];
    const jobs = await start({ reconcile: async ({ entityId }) => void done.push(entityId) });
    await inTransaction(database.appPool, (client) => addJob(client, "reconcile", { entityId: "B" }));
    await until(() => done.length === 1);
    await jobs.stop();
    expect(done).toEqual(["B"]);
    expect(await waiting()).toBe(0);
  });

  it("with a payload that its task does not take is refused where it is added", async () => {
    const added = inTransaction(database.appPool, (client) => addJob(client, "reconcile", { entityId: "" }));
    await expect(added).rejects.toThrow();
  });

  it("of a key that waits already is one", async () => {
    await inTransaction(database.appPool, async (client) => {
      for (let i = 0; i < 3; i += 1) await addJob(client, "reconcile", { entityId: "C" }, { key: "one" });
    });
    expect(await waiting()).toBe(1);
    const jobs = await start({});
    await until(async () => (await waiting()) === 0);
    await jobs.stop();
  });

  it("of one feed never meets another of it, though two processes take jobs; other feeds go on meanwhile", async () => {
    const at = new Map<string, number>();
    let most = 0;
    let mostOfOne = 0;
    let done = 0;
    const handlers: Partial<Handlers> = {
      "sync-feed": async ({ feedId }) => {
        at.set(feedId, (at.get(feedId) ?? 0) + 1);
        most = Math.max(
          most,
          [...at.values()].reduce((sum, one) => sum + one, 0),
        );
        mostOfOne = Math.max(mostOfOne, at.get(feedId) ?? 0);
        await pause(30);
        at.set(feedId, (at.get(feedId) ?? 0) - 1);
        done += 1;
      },
    };
    const runners = [await start(handlers), await start(handlers)];
    await inTransaction(database.appPool, async (client) => {
      for (let i = 0; i < 10; i += 1) {
        for (const feedId of ["a", "b", "c"]) {
          await addJob(client, "sync-feed", { feedId }, { queue: `feed:${feedId}` });
        }
      }
    });
    await until(() => done === 30);
    for (const runner of runners) await runner.stop();
    expect(mostOfOne).toBe(1);
    expect(most).toBeGreaterThan(1);
  });

  it("that fails for good is kept where people see it, and leaves the queue", async () => {
    const jobs = await start({
      reconcile: async () => {
        throw new Error("the ledger is on fire");
      },
    });
    await inTransaction(database.appPool, (client) =>
      addJob(client, "reconcile", { entityId: "D" }, { attempts: 1 }),
    );
    const kept = () =>
      database.appPool.query(
        "SELECT task, entity_id, error, attempts, owner_team, settled_at FROM job_failure",
      );
    await until(async () => (await kept()).rowCount === 1);
    await jobs.stop();
    expect((await kept()).rows).toEqual([
      {
        task: "reconcile",
        entity_id: "D",
        error: "the ledger is on fire",
        attempts: 1,
        owner_team: "operations",
        settled_at: null,
      },
    ]);
    expect(await waiting()).toBe(0);
  });

  it("that fails when a newer one came in its place is no failure: that one does its work", async () => {
    await database.ownerPool.query("DELETE FROM job_failure");
    let tries = 0;
    let begun = false;
    let isReplaced = false;
    const jobs = await start({
      reconcile: async () => {
        tries += 1;
        if (tries > 1) return;
        begun = true;
        await until(() => isReplaced);
        throw new Error("somebody is at work already");
      },
    });
    const add = () =>
      inTransaction(database.appPool, (client) =>
        addJob(client, "reconcile", { entityId: "R" }, { queue: "r", key: "r" }),
      );
    await add();
    await until(() => begun);
    await add();
    isReplaced = true;
    await until(() => tries === 2);
    await until(async () => (await waiting()) === 0);
    await jobs.stop();
    expect((await database.appPool.query("SELECT error FROM job_failure")).rows).toEqual([]);
  });

  it("of a process that was killed is given back and done by the next one", async () => {
    await inTransaction(database.appPool, (client) =>
      addJob(client, "reconcile", { entityId: "E" }, { queue: "e" }),
    );
    await database.ownerPool.query(
      `WITH queue AS (UPDATE graphile_worker._private_job_queues SET locked_at = now() - interval '1 minute', locked_by = 'gone'
                       WHERE queue_name = 'e')
       UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '1 minute', locked_by = 'gone', attempts = 1`,
    );
    const done: string[] = [];
    const jobs = await start({ reconcile: async ({ entityId }) => void done.push(entityId) });
    await until(() => done.length === 1);
    await jobs.stop();
  });

  it("at work when its process is told to end hears of it, and is tried again by the next one", async () => {
    let begun = false;
    const jobs = await start({
      reconcile: async (_, { signal }) => {
        begun = true;
        await new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve(), { once: true }),
        );
      },
    });
    await inTransaction(database.appPool, (client) => addJob(client, "reconcile", { entityId: "F" }));
    await until(() => begun);
    await jobs.stop();
    const { rows } = await database.ownerPool.query(
      "SELECT locked_at, last_error FROM graphile_worker._private_jobs",
    );
    expect(rows).toMatchObject([{ locked_at: null, last_error: expect.stringContaining("Stopped") }]);
  });
});
