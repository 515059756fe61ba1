import { afterAll, beforeAll, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { readTrail } from "./data";
import { appendAudit } from "./record";
import { WITHOUT_READS } from "./schema";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const action of ["run.sync", "run.reconcile", "run.stop", "resolution.begin", "resolution.proved"])
    await inTransaction(database.ownerPool, (client) =>
      appendAudit(client, {
        ...{ chain: "E1", at: new Date("2026-11-02T08:00:00Z"), action, subject: "x", outcome: "done" },
        ...{ actor: { kind: "person", id: "1", name: "Petra" }, before: null, after: null },
      }),
    );
});
afterAll(() => database.close());

const actions = async (about: string | null) => {
  const { entries, total } = await readTrail({
    ...{ chain: "E1", timeZone: "UTC", outcome: null, from: null, until: null, about, search: "" },
    ...{ page: 1, pageSize: 50 },
  });
  expect(total).toBe(entries.length);
  return entries.map((entry) => entry.action);
};

it("shows all of a trail, one part of it, or what people did without the reads and the matching behind it", async () => {
  expect(await actions(null)).toHaveLength(5);
  expect(await actions("run")).toEqual(["run.stop", "run.reconcile", "run.sync"]);
  expect(await actions(WITHOUT_READS)).toEqual(["resolution.proved", "resolution.begin", "run.stop"]);
});
