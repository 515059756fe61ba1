import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { item, line } from "@/lib/sync/store/fixtures";
import { judge } from "./facts";
import { findFacts } from "./find-facts";
import { ENTITY, MONTH, makeBooks, person, refused } from "./fixtures";
import { postJournal } from "./journal-posting";
import {
  decideJournal,
  exportJournals,
  findCorrections,
  findJournals,
  proposeJournal,
  setAccounts,
} from "./journals";
import { findLate } from "./late";

const NEXT = "2026-11";
const petra = person("Petra", ["finance-preparer"]);
const rosa = person("Rosa", ["finance-reviewer"]);
const admin = person("Admin", ["administrator"]);
let database: TestDatabase;
let books: Awaited<ReturnType<typeof makeBooks>>;

beforeAll(async () => {
  database = await createTestDatabase();
  books = await makeBooks(database.ownerPool);
  for (const id of ["1", "2"]) await books.sell(id);
  await books.reconcile();
  await books.sign(petra);
  await books.sign(rosa);
  await books.lock(rosa);
  await database.ownerPool.query(
    "INSERT INTO period (entity_id, month) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    [ENTITY, NEXT],
  );
});
afterAll(() => database.close());

const task = async () =>
  judge("late-arrivals-none", await findFacts(database.ownerPool, ENTITY, NEXT, books.now()));
const left = async () =>
  (await findCorrections(database.appPool, ENTITY, NEXT)).find((one) => one.purpose === "late");
const propose = async (of: Readonly<{ books: boolean }>) => {
  const found = await left();
  return proposeJournal(
    petra,
    {
      entityId: ENTITY,
      month: NEXT,
      purpose: "late",
      currency: "EUR",
      gross: found?.gross ?? 0n,
      tax: found?.tax ?? 0n,
      reason: "It came too late.",
      reverse: false,
      lateOf: MONTH,
      ...of,
    },
    { now: books.now() },
  );
};
const approve = (id: string, actor = rosa) =>
  decideJournal(actor, { entityId: ENTITY, id, approve: true, why: "" }, { now: books.now() });

describe("what came late to a closed month", () => {
  it("is corrected in the next one by a balanced journal, and its task is complete once that is approved", async () => {
    expect(await task()).toMatchObject({ holds: true });
    await books.store({ id: "3", reference: "DE-3", items: [item({ id: "3-1" })] });
    await books.reconcile();
    const { sums } = await findLate(database.appPool, ENTITY, MONTH);
    const [sum] = sums;
    expect(sum).toMatchObject({ count: 1, holds: true });
    expect(await left()).toMatchObject({ lateOf: MONTH, count: 1, gross: sum?.scayle, tax: sum?.scayleTax });
    expect(sum?.scayleTax).toBeGreaterThan(0n);
    expect((await task()).holds).toBe(false);
    expect(await refused(propose({ books: true }))).toBe("invalid");
    await setAccounts(
      admin,
      { entityId: ENTITY, purpose: "late", net: "8400", tax: "1776", gross: "1400" },
      { now: books.now() },
    );
    const { id } = await propose({ books: true });
    // Proposed it is left no more; approved it completes the task.
    expect(await left()).toMatchObject({ gross: 0n, tax: 0n });
    expect((await task()).holds).toBe(false);
    expect(await refused(approve(id, petra))).toBe("not-allowed");
    await approve(id);
    expect((await task()).holds).toBe(true);
    const [made] = await findJournals(database.appPool, ENTITY, NEXT);
    const total = (part: "debit" | "credit") => (made?.lines ?? []).reduce((all, one) => all + one[part], 0n);
    expect(total("debit")).toBe(total("credit"));
    expect(total("debit")).toBe(sum?.scayle);
    expect(made).toMatchObject({ lateOf: MONTH, postingDay: "2026-11-30" });
    // The closed month is as it was.
    expect((await findLate(database.appPool, ENTITY, MONTH)).sums).toEqual(sums);
  });

  it("is open again with what comes later, until two people decide that nothing is booked for it", async () => {
    await books.post({
      sourceId: "i3",
      number: "RE-3",
      reference: "DE-3",
      lines: [line()],
    });
    await books.reconcile();
    expect((await task()).holds).toBe(false);
    const open = await left();
    expect(open?.gross).toBeLessThan(0n);
    const { id, number } = await propose({ books: false });
    await approve(id);
    expect((await task()).holds).toBe(true);
    const exported = await exportJournals(petra, { entityId: ENTITY, month: NEXT }, { now: books.now() });
    expect(exported.map((one) => one.number)).not.toContain(number);
    expect(
      await refused(
        postJournal(
          petra,
          { entityId: ENTITY, id, connectionId: crypto.randomUUID() },
          { now: books.now(), pool: database.ownerPool },
        ),
      ),
    ).toBe("conflict");
  });
});
