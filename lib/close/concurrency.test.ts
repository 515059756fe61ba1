import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { line } from "@/lib/sync/store/fixtures";
import { ENTITY, MONTH, makeBooks, person, refused } from "./fixtures";
import { findLate } from "./late";
import { askReopening, decideReopening } from "./locking";
import { verifyLock } from "./verify-lock";

// Two at once, on a real PostgreSQL: one outcome each, which is one of those that one after the other would have had.

let database: TestDatabase;
let books: Awaited<ReturnType<typeof makeBooks>>;
const petra = person("Petra", ["finance-preparer"]);
const rosa = person("Rosa", ["finance-reviewer"]);
const ralf = person("Ralf", ["finance-reviewer"]);

beforeAll(async () => {
  database = await createTestDatabase();
  books = await makeBooks(database.ownerPool);
  for (const id of ["1", "2", "3"]) await books.sell(id);
  await books.reconcile();
});
afterAll(() => database.close());

/** Lines that are locked and in no pair, or in a pair of other amounts: none in good order. */
const torn = async () =>
  (
    await database.ownerPool.query(
      `WITH held AS (SELECT order_key, max(lock_no) AS lock_no FROM locked_group WHERE entity_id = $1 AND month = $2 GROUP BY 1)
       SELECT coalesce(l.key, p.key) AS key FROM (
         SELECT group_key || '/' || pair_id AS key, sum(gross) FILTER (WHERE side = 'scayle') AS sg, sum(gross) FILTER (WHERE side = 'erp') AS eg
           FROM locked_line JOIN held USING (order_key, lock_no) WHERE entity_id = $1 AND month = $2 GROUP BY 1) l
       FULL JOIN (SELECT order_key || '/' || id AS key, scayle_gross AS sg, erp_gross AS eg
           FROM locked_pair JOIN held USING (order_key, lock_no) WHERE entity_id = $1 AND month = $2) p USING (key)
        WHERE coalesce(l.sg, 0) <> coalesce(p.sg, 0) OR coalesce(l.eg, 0) <> coalesce(p.eg, 0)`,
      [ENTITY, MONTH],
    )
  ).rows;

const reopen = async () => {
  const { id } = await askReopening(
    rosa,
    { entityId: ENTITY, month: MONTH, reason: "Once more.", hours: 5, order: "" },
    { now: books.now() },
  );
  await decideReopening(ralf, { entityId: ENTITY, id, approve: true, why: "" }, { now: books.now() });
};

describe("two at once", () => {
  it("two reviewers sign: one did, the other is told that it is signed whole", async () => {
    await books.sign(petra);
    const at = await books.hash();
    const outcomes = await Promise.all([refused(books.sign(rosa, at)), refused(books.sign(ralf, at))]);
    expect(outcomes.sort()).toEqual(["conflict", "done"]);
    expect((await books.signed()).map((one) => one.step)).toEqual([0, 1]);
  });

  it("signing while data change: what counts as signed is what is shown", async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      const at = await books.hash();
      const [outcome] = await Promise.all([
        refused(books.sign(turn % 2 === 0 ? petra : ralf, at)),
        books.sell(`c${turn}`).then(() => books.reconcile()),
      ]);
      expect(["done", "conflict", "not-allowed"]).toContain(outcome);
      const shown = await books.hash();
      for (const one of await books.signed()) expect(one.hash).toBe(shown);
    }
  });

  it("closing while feeds store: the month is closed as it was signed, or it is not closed", async () => {
    const outcomes: string[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      await books.reconcile();
      for (const actor of [petra, rosa]) await refused(books.sign(actor));
      const signed = await books.hash();
      const change = books.post({
        sourceId: "i1",
        number: "RE-1",
        reference: "DE-1",
        lines: [line({ net: 10_000n + BigInt(turn + 1), gross: 11_900n + BigInt(turn + 1) })],
      });
      const [outcome] = await Promise.all([refused(books.lock(rosa)), change, books.sell(`f${turn}`)]);
      outcomes.push(outcome);
      expect(["done", "conflict"]).toContain(outcome);
      expect((await books.period()).state).toBe(outcome === "done" ? "closed" : "open");
      if (outcome === "done") {
        const { lockNo } = await books.period();
        expect(await verifyLock(database.ownerPool, ENTITY, MONTH, lockNo)).toMatchObject({ intact: true });
        expect(await torn()).toEqual([]);
        const stands = await books.signed();
        expect(stands.map((one) => one.hash)).toEqual([signed, signed]);
        await books.reconcile();
        expect((await findLate(database.ownerPool, ENTITY, MONTH)).sums.every((one) => one.holds)).toBe(true);
        await reopen();
      }
      // What was stored must tie out again, so that the next turn can be signed.
      await books.post({ sourceId: "i1", number: "RE-1", reference: "DE-1", lines: [line()] });
    }
    expect(outcomes).toContain("done");
  });

  it("what a feed changes between two tables of a copy undoes the copy", async () => {
    await books.reconcile();
    for (const actor of [petra, rosa]) await refused(books.sign(actor));
    // As a feed would: lines and the mark in one transaction that is visible to the copy, and was not to the first check.
    const client = await database.ownerPool.connect();
    try {
      await client.query("BEGIN");
      await client.query("SELECT tieout_copy_locked($1, $2, 99, NULL)", [ENTITY, MONTH]);
      await client.query(
        "INSERT INTO dirty_group (order_key, entity_id, since) SELECT min(order_key::text)::uuid, $1, now() FROM locked_group WHERE lock_no = 99",
        [ENTITY],
      );
      await expect(
        client.query("SELECT tieout_seal($1, $2, 99, NULL, '', '', now(), '{}', NULL, now())", [
          ENTITY,
          MONTH,
        ]),
      ).rejects.toThrow(/changed while it was being closed/);
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  });

  it("closing while a reconciliation is at work: one waits or is told so", async () => {
    await books.reconcile();
    for (const actor of [petra, rosa]) await refused(books.sign(actor));
    await books.sell("r1");
    const [outcome, matched] = await Promise.all([refused(books.lock(rosa)), refused(books.reconcile())]);
    for (const one of [outcome, matched]) expect(["done", "conflict"]).toContain(one);
    expect((await books.period()).state).toBe(outcome === "done" ? "closed" : "open");
    if (outcome === "conflict") {
      await books.reconcile();
      for (const actor of [petra, rosa]) await books.sign(actor);
      await books.lock(rosa);
    }
    expect(await torn()).toEqual([]);
  });

  it("two decide on a reopening: one did", async () => {
    const { id } = await askReopening(
      petra,
      { entityId: ENTITY, month: MONTH, reason: "An invoice was wrong.", hours: 5, order: "" },
      { now: books.now() },
    );
    const decide = (actor: typeof rosa, approve: boolean) =>
      refused(decideReopening(actor, { entityId: ENTITY, id, approve, why: "No." }, { now: books.now() }));
    const outcomes = await Promise.all([decide(rosa, true), decide(ralf, false)]);
    expect(outcomes.sort()).toEqual(["conflict", "done"]);
    const { rows } = await database.ownerPool.query(
      "SELECT state, decided_by FROM period_reopening WHERE id = $1",
      [id],
    );
    expect((await books.period()).state).toBe(rows[0].state === "approved" ? "open" : "closed");
  });

  it("reopening while closing: it is open or closed, and not half of each", async () => {
    if ((await books.period()).state === "closed") await reopen();
    await books.reconcile();
    for (const actor of [petra, rosa]) await refused(books.sign(actor));
    await books.lock(rosa);
    const { id } = await askReopening(
      petra,
      { entityId: ENTITY, month: MONTH, reason: "An invoice was wrong.", hours: 5, order: "" },
      { now: books.now() },
    );
    const before = await books.period();
    const outcomes = await Promise.all([
      refused(decideReopening(ralf, { entityId: ENTITY, id, approve: true, why: "" }, { now: books.now() })),
      refused(books.lock(rosa)),
    ]);
    // Nobody can close what is closed, nor what was just opened and is not signed anew.
    expect(outcomes[1]).toBe("conflict");
    expect(["done", "conflict"]).toContain(outcomes[0]);
    const after = await books.period();
    expect(after).toMatchObject(
      outcomes[0] === "done"
        ? { state: "open", round: before.round + 1, lockNo: before.lockNo }
        : { state: "closed", round: before.round, lockNo: before.lockNo },
    );
  });
});
