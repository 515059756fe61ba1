import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { sumOfSide } from "@/lib/domain/vat";
import { runReconciliation } from "@/lib/matching/reconcile";
import { hashOfFigures, signedFiguresOf } from "@/lib/matching/signed-figures";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { findLate, nextOpenMonth } from "./late";
import { findLockedCauses, findLockedPairs } from "./locked-causes";
import { askReopening, decideReopening, lockPeriod } from "./locking";
import { findLockedTotals, findLocks, relockedSince } from "./locks";
import { setClosePolicy, signPeriod, softClose, withdrawSignOff } from "./signing";
import { findPeriod, findSignOffs, holds, totalsOf } from "./state";
import { addsUpTo, byTaxSince, findByTax, findLockedByTax } from "./vat";
import { verifyLock } from "./verify-lock";
import { endReopenings } from "./watch";

const ENTITY = "E1";
const MONTH = "2026-10";
let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let clock = Date.parse("2026-11-20T08:00:00Z");
const now = () => new Date(clock++);

const person = (name: string, ...roles: Role[]): Actor => ({
  id: randomUUID(),
  name,
  email: `${name}@example.com`,
  grants: roles.map((role) => ({ role, entityId: null })),
  demo: false,
});
const petra = person("Petra", "finance-preparer");
const rosa = person("Rosa", "finance-reviewer");
const ralf = person("Ralf", "finance-reviewer");
const both = person("Both", "finance-preparer", "finance-reviewer");
const admin = person("Admin", "administrator");
const auditor = person("Auditor", "auditor");

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
});
afterAll(() => database.close());

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const reconcile = () => runReconciliation({}, { actorName: "Test", now, pool: database.ownerPool });
const keep = (id: string) =>
  inTransaction(database.ownerPool, (client) =>
    storeOrders(client, { ...contexts.orders, at: now() }, [
      reading(order({ id, reference: `DE-${id}`, items: [item({ id: `${id}-1` })] })),
    ]),
  );
const post = (id: string, values: Partial<Parameters<typeof line>[0]> = {}, modifiedAt = now()) =>
  inTransaction(database.ownerPool, async (client) => {
    await storeLedger(client, { ...contexts.ledger, at: now() }, [
      reading(
        invoice({
          sourceId: `i${id}`,
          number: `RE-${id}`,
          reference: `DE-${id}`,
          modifiedAt,
          lines: [line(values)],
        }),
      ),
    ]);
  });
const hash = async () =>
  hashOfFigures(signedFiguresOf((await totalsOf(database.ownerPool, ENTITY, MONTH)).totals));
const period = async () => {
  const held = await findPeriod(database.ownerPool, ENTITY, MONTH);
  if (!held) throw new Error("no period");
  return held;
};
const sign = async (actor: Actor, values: Partial<Parameters<typeof signPeriod>[1]> = {}) =>
  signPeriod(
    actor,
    { entityId: ENTITY, month: MONTH, hash: await hash(), note: "", remainderWhy: "", ...values },
    { now: now() },
  );
const lock = async (actor: Actor) =>
  lockPeriod(actor, { entityId: ENTITY, month: MONTH, version: (await period()).version }, { now: now() });
const standing = async () =>
  (await findSignOffs(database.ownerPool, ENTITY, MONTH)).filter(holds).map((one) => one.signedBy);
const refused = async (act: Promise<unknown>) =>
  act.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

describe("signing and closing a month", () => {
  beforeAll(async () => {
    await keep("1");
    await post("1");
    await keep("2");
    await post("2");
    await reconcile();
  });

  it("ties out to begin with", async () => {
    const { totals } = await totalsOf(database.ownerPool, ENTITY, MONTH);
    expect(totals.map((one) => [one.currency, one.tiesOut])).toEqual([["EUR", true]]);
  });

  it("is not locked before it is signed whole, by whoever asks", async () => {
    expect(await refused(lock(rosa))).toBe("conflict");
    expect(await refused(lock(petra))).toBe("not-allowed");
    expect(await refused(lock(admin))).toBe("not-allowed");
    expect(await refused(lock(auditor))).toBe("not-allowed");
  });

  it("is signed by a preparer, then by another who reviews: never the same person, in whatever role", async () => {
    expect(await refused(sign(admin))).toBe("not-allowed");
    expect(await refused(sign(auditor))).toBe("not-allowed");
    expect(await refused(sign(petra, { hash: "0".repeat(64) }))).toBe("conflict");
    expect(await sign(both)).toMatchObject({ step: 0, steps: 2 });
    expect(await refused(sign(both))).toBe("not-allowed");
    expect(await refused(sign(petra))).toBe("not-allowed");
    expect(await refused(lock(rosa))).toBe("conflict");
    expect(await sign(rosa)).toMatchObject({ step: 1, steps: 2 });
    expect(await refused(sign(ralf))).toBe("conflict");
    expect(await standing()).toEqual(["Both", "Rosa"]);
  });

  it("is suspended when its figures move, and the stamp stays", async () => {
    await keep("3");
    await post("3");
    expect(await refused(lock(rosa))).toBe("conflict");
    await reconcile();
    expect(await standing()).toEqual([]);
    const all = await findSignOffs(database.ownerPool, ENTITY, MONTH);
    expect(all.map((one) => [one.signedBy, one.suspendedAt !== null])).toEqual([
      ["Both", true],
      ["Rosa", true],
    ]);
    expect(await refused(lock(rosa))).toBe("conflict");
  });

  it("is not reviewed by whom edited last what is signed", async () => {
    await rows(
      `INSERT INTO audit_event (chain, seq, at, actor_kind, actor_id, actor_name, action, subject, outcome, before, after, prev_hash, hash)
       SELECT $1, coalesce(max(seq), 0) + 1, now(), 'person', $2, 'Rosa', 'lines.pair', 'order:x', 'done', 'null', 'null', max(hash), 'x'
         FROM audit_event WHERE chain = $1`,
      [ENTITY, rosa.id],
    );
    await sign(petra);
    expect(await refused(sign(rosa))).toBe("not-allowed");
    expect(await sign(ralf)).toMatchObject({ step: 1 });
  });

  it("is taken back by who signed, with what came after", async () => {
    const [first] = (await findSignOffs(database.ownerPool, ENTITY, MONTH)).filter(holds);
    if (!first) throw new Error("nothing is signed");
    const input = { entityId: ENTITY, month: MONTH, id: first.id, why: "A page was missing." };
    expect(await refused(withdrawSignOff(ralf, input, { now: now() }))).toBe("not-allowed");
    await withdrawSignOff(petra, input, { now: now() });
    expect(await standing()).toEqual([]);
  });

  it("takes as many reviewers as the entity's policy says; two at once are one", async () => {
    const policy = { entityId: ENTITY, reviewers: 2, materiality: "5.00" };
    expect(await refused(setClosePolicy(rosa, policy, { now: now() }))).toBe("not-allowed");
    await setClosePolicy(admin, policy, { now: now() });
    await sign(petra);
    const at = await hash();
    const outcomes = await Promise.all([
      refused(sign(ralf, { hash: at })),
      refused(sign(ralf, { hash: at })),
    ]);
    expect(outcomes.sort()).toEqual(["done", "not-allowed"]);
    expect(await refused(lock(ralf))).toBe("conflict");
    await setClosePolicy(admin, { ...policy, reviewers: 1 }, { now: now() });
  });

  it("is closed: what was signed is kept where nobody can change it", async () => {
    const stale = (await period()).version - 1;
    expect(
      await refused(lockPeriod(ralf, { entityId: ENTITY, month: MONTH, version: stale }, { now: now() })),
    ).toBe("conflict");
    const locked = await lock(ralf);
    expect(locked).toMatchObject({ lockNo: 1, lines: 6n });
    expect((await period()).state).toBe("closed");
    // Nothing of the checklist is done: that keeps nobody from closing, and is kept.
    const [{ after }] = await rows("SELECT after FROM audit_event WHERE action = 'period.lock'");
    expect(after.open).toMatchObject({ tasks: { of: 9 } });
    expect(after.open.open).toContain(
      "“Payouts of the payment providers are matched to the bank” is not done.",
    );
    expect(after.open.open).not.toContainEqual(expect.stringMatching(/^VAT:/));
    expect(await verifyLock(database.appPool, ENTITY, MONTH, 1)).toMatchObject({ intact: true });
    expect(await refused(lock(ralf))).toBe("conflict");
    expect(await refused(sign(petra))).toBe("conflict");
    const app = (sql: string) => refused(database.appPool.query(sql));
    for (const table of [
      "locked_period",
      "locked_group",
      "locked_document",
      "locked_line",
      "locked_pair",
      "locked_cause",
      "locked_digest",
      "locked_sum",
      "locked_cell",
    ]) {
      expect(await app(`DELETE FROM ${table}`)).toMatch(/permission denied/);
      expect(await app(`UPDATE ${table} SET month = '2026-09'`)).toMatch(/permission denied/);
      expect(await app(`TRUNCATE ${table}`)).toMatch(/permission denied/);
      expect(await app(`INSERT INTO ${table} SELECT * FROM ${table}`)).toMatch(/permission denied/);
      expect(await app(`ALTER TABLE ${table} ADD COLUMN x int`)).toMatch(/must be owner/);
    }
    expect(await app("UPDATE period SET state = 'open'")).toMatch(/permission denied/);
    expect(await app("DELETE FROM period")).toMatch(/permission denied/);
    expect(
      await app(`SELECT tieout_seal('E1', '2026-10', 2, NULL, '', '', now(), '{}', NULL, now())`),
    ).toMatch(/permission denied/);
  });

  it("finds a row that somebody with the owner's rights changed", async () => {
    await rows(
      "UPDATE locked_line SET gross = gross + 1 WHERE id = (SELECT min(id::text)::uuid FROM locked_line)",
    );
    expect(await verifyLock(database.appPool, ENTITY, MONTH, 1)).toMatchObject({ intact: false });
    await rows(
      "UPDATE locked_line SET gross = gross - 1 WHERE id = (SELECT min(id::text)::uuid FROM locked_line)",
    );
    expect(await verifyLock(database.appPool, ENTITY, MONTH, 1)).toMatchObject({ intact: true });
  });
});

describe("what comes after a month is closed", () => {
  it("is a late arrival; what is locked stays, and the sums hold", async () => {
    const before = await rows("SELECT figures, digest FROM locked_period");
    await keep("4");
    await post("1", { net: 9000n, tax: 1710n, gross: 10710n }, new Date(clock + 3_600_000));
    await reconcile();
    expect(await rows("SELECT figures, digest FROM locked_period")).toEqual(before);
    const late = await findLate(database.appPool, ENTITY, MONTH);
    expect(late.sums).toMatchObject([{ currency: "EUR", count: 2, holds: true }]);
    expect(late.arrivals.map((one) => one.reference).sort()).toEqual(["DE-1", "DE-4"]);
    const changed = late.arrivals.find((one) => one.reference === "DE-1");
    expect(changed).toMatchObject({ document: "RE-1", scayle: { gross: 0n } });
    expect(changed?.causes.map((one) => one.code)).not.toEqual([]);
    expect(await nextOpenMonth(database.appPool, ENTITY, MONTH)).toBeNull();
  });

  it("leaves VAT and accounts of the closed month as they were locked, and shows what came since beside them", async () => {
    const [live, locked, totals] = await Promise.all([
      findByTax(database.appPool, ENTITY, MONTH),
      findLockedByTax(database.appPool, ENTITY, MONTH),
      findLockedTotals(database.appPool, ENTITY, MONTH),
    ]);
    const held = totals?.of.get("EUR");
    if (!held) throw new Error("nothing is locked");
    expect(held.scayle.gross).not.toBe(0n);
    expect(addsUpTo(locked.vat, held)).toBe(true);
    expect(addsUpTo(locked.accounts, held)).toBe(true);
    expect(addsUpTo(live.vat, held)).toBe(false);
    const since = byTaxSince(live, locked);
    const [late] = (await findLate(database.appPool, ENTITY, MONTH)).sums;
    for (const rows of [since.vat, since.accounts]) {
      expect(sumOfSide(rows, "scayle").gross).toBe(late?.scayle);
      expect(sumOfSide(rows, "erp").gross).toBe(late?.erp);
    }
    expect(byTaxSince(locked, locked)).toEqual({ vat: [], accounts: [] });
  });

  it("lists causes and pairs as they were locked, and its causes lead from SCAYLE's locked total to the ERP's", async () => {
    const asked = { q: "", cause: undefined, page: 1 };
    const [causes, pairs, totals] = await Promise.all([
      findLockedCauses(database.appPool, ENTITY, MONTH, asked),
      findLockedPairs(database.appPool, ENTITY, MONTH, asked),
      findLockedTotals(database.appPool, ENTITY, MONTH),
    ]);
    const held = totals?.of.get("EUR");
    if (!held) throw new Error("nothing is locked");
    const explained = causes.sums.reduce((all, one) => all + one.gross, 0n);
    expect(held.scayle.gross - explained).toBe(held.erp.gross);
    expect(causes.rows.length).toBe(causes.count);
    expect(pairs.rows.reduce((all, one) => all + one.scayleGross, 0n)).toBe(held.scayle.gross);
    expect(pairs.count).toBe(pairs.rows.length);
    const none = { ...asked, q: "no such thing" };
    expect((await findLockedPairs(database.appPool, ENTITY, MONTH, none)).count).toBe(0);
  });

  it("is opened again by two people, for a time", async () => {
    const ask = { entityId: ENTITY, month: MONTH, reason: "An invoice was wrong.", hours: 2, order: "" };
    expect(await refused(askReopening(auditor, ask, { now: now() }))).toBe("not-allowed");
    const { id } = await askReopening(rosa, ask, { now: now() });
    expect(await refused(askReopening(petra, ask, { now: now() }))).toBe("conflict");
    const decide = (actor: Actor, approve = true) =>
      decideReopening(actor, { entityId: ENTITY, id, approve, why: "" }, { now: now() });
    expect(await refused(decide(rosa))).toBe("not-allowed");
    expect(await refused(decide(admin))).toBe("not-allowed");
    expect(await refused(decide(petra))).toBe("not-allowed");
    // The function itself asks, whoever calls it.
    expect(
      await refused(
        database.appPool.query("SELECT tieout_decide_reopening($1, true, $2, 'Rosa', '', now())", [
          id,
          rosa.id,
        ]),
      ),
    ).toMatch(/yourself/);
    expect(await decide(ralf)).toEqual({ outcome: "reopened" });
    expect((await period()).state).toBe("open");
    await softClose(petra, { entityId: ENTITY, month: MONTH, on: true }, { now: now() });
    expect((await period()).softClosedBy).toBe("Petra");
    expect(await endReopenings(database.ownerPool, ENTITY, now())).toBe(0);
    expect(await endReopenings(database.ownerPool, ENTITY, new Date(clock + 3 * 3_600_000))).toBe(1);
    expect(await period()).toMatchObject({ state: "closed", lockNo: 1, round: 2, softClosedAt: null });
  });

  it("or has one order locked as it is now, and stays closed", async () => {
    const ask = { entityId: ENTITY, month: MONTH, reason: "Its invoice was wrong.", hours: 1, order: "DE-1" };
    const { id } = await askReopening(petra, ask, { now: now() });
    const late1 = (await findLate(database.appPool, ENTITY, MONTH)).arrivals.find(
      (one) => one.reference === "DE-1",
    );
    const before = { scayle: late1?.scayle.gross, erp: late1?.erp.gross };
    expect(before.erp).not.toBe(0n);
    expect(
      await decideReopening(ralf, { entityId: ENTITY, id, approve: true, why: "" }, { now: now() }),
    ).toEqual({
      outcome: "order-locked-again",
    });
    expect(await period()).toMatchObject({ state: "closed", lockNo: 2 });
    // What it moved, and by whose leave, is told: the signatures are of the lock before it.
    const locks = await findLocks(database.appPool, ENTITY, MONTH);
    expect(locks.map((one) => [one.lockNo, one.order])).toEqual([
      [2, "DE-1"],
      [1, null],
    ]);
    expect(relockedSince(locks)).toMatchObject([
      { lockNo: 2, askedBy: "Petra", approvedBy: "Ralf", changes: [{ currency: "EUR", ...before }] },
    ]);
    expect(relockedSince(locks.slice(1))).toEqual([]);
    const late = await findLate(database.appPool, ENTITY, MONTH);
    expect(late.arrivals.map((one) => one.reference)).toEqual(["DE-4"]);
    expect(late.sums).toMatchObject([{ count: 1, holds: true }]);
    const { totals } = await totalsOf(database.ownerPool, ENTITY, MONTH);
    for (const { scayle, erp, lockedScayle, lockedErp } of late.sums) {
      expect(lockedScayle + scayle).toBe(totals[0]?.scayle.gross);
      expect(lockedErp + erp).toBe(totals[0]?.erp.gross);
    }
    for (const lockNo of [1, 2])
      expect(await verifyLock(database.appPool, ENTITY, MONTH, lockNo)).toMatchObject({ intact: true });
  });
});
