import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { arrive, reconcile } from "@/lib/pairing/fixtures";
import { invoice, order, prepare } from "@/lib/sync/store/fixtures";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const contexts = await prepare(database.ownerPool);
  await arrive(database.ownerPool, contexts, [order(), invoice({ reference: "ED-1010" })]);
  await reconcile(database.ownerPool);
});
afterAll(() => database.close());

function tieout(...words: string[]): Promise<Readonly<{ code: number; out: string; err: string }>> {
  const program = ["--conditions=react-server", "--import", "tsx", "lib/cli/tieout.ts", ...words];
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "test",
    PATH: process.env["PATH"],
    DATABASE_URL: database.ownerUrl,
    DATABASE_APP_URL: database.appUrl,
    TIEOUT_SECRET: "a secret of thirty-two characters or more",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, program, { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

const placed = async () =>
  (await database.ownerPool.query("SELECT order_known, placed_by FROM document WHERE side = 'erp'")).rows;

it("pairs a document with an order by number and name, and undoes it; what is not there is said", async () => {
  expect(await tieout("pair", "--document", "INV-9", "--order", "DE-1001")).toMatchObject({
    code: 1,
    err: "There is no ERP document INV-9.\n",
  });
  const paired = await tieout("pair", "--document", "INV-1", "--order", "de-1001", "--json");
  expect(JSON.parse(paired.out)).toMatchObject({ matched: true });
  expect(await placed()).toEqual([{ order_known: true, placed_by: "by-hand" }]);
  expect(await tieout("unpair", "--document", "INV-1")).toMatchObject({
    code: 0,
    out: expect.stringContaining("What was decided of INV-1 is undone."),
  });
  expect(await placed()).toEqual([{ order_known: false, placed_by: null }]);
  const { rows } = await database.ownerPool.query(
    "SELECT action, actor_kind FROM audit_event WHERE action LIKE 'document.%' ORDER BY seq",
  );
  expect(rows).toEqual([
    { action: "document.link", actor_kind: "command-line" },
    { action: "document.undo", actor_kind: "command-line" },
  ]);
});
