import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import { acceptException, decideAcceptance } from "@/lib/exceptions/acceptance";
import { makeUser } from "@/lib/exceptions/fixtures";
import { actOnException, commentOnException, undoLast } from "@/lib/exceptions/mutations";
import { findException, findMoments } from "@/lib/exceptions/one";
import { reopenException } from "@/lib/exceptions/reopen";
import { runReconciliation } from "@/lib/matching/reconcile";
import { loadSummaries } from "@/lib/matching/summary";
import { tallyDrift } from "@/lib/matching/tally";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { effectOfRule, findRules } from "./data";
import { columnsOf, decideRule, endRule, previewRule, proposeRule, setLimit } from "./mutations";
import { RuleProposal } from "./schema";

const TABLES =
  "line document document_version sales_order order_alias source_record dirty_group pair pair_line tally cause exception exception_event exception_mention exception_operation acceptance acceptance_request acceptance_rule acceptance_limit period_summary run audit_event invariant_breach fetch_control control_remainder".split(
    " ",
  );
let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let petra: Actor;
let rita: Actor;
let rolf: Actor;
let admin: Actor;
const NOW = new Date("2026-12-16T08:00:00Z");
let ticks = 0;
const now = () => new Date(NOW.getTime() + ticks++);

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  petra = await makeUser(database.ownerPool, "finance-preparer", null);
  rita = await makeUser(database.ownerPool, "finance-reviewer", null);
  rolf = await makeUser(database.ownerPool, "finance-reviewer", "E1");
  // An administrator who also has both roles of finance: every right there is.
  const all = await makeUser(database.ownerPool, "administrator", null);
  admin = { ...all, grants: [...petra.grants, ...rita.grants, ...all.grants] };
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyTables(database.ownerPool, TABLES);
});

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const reconcile = (full = false) =>
  runReconciliation({ full }, { actorName: "Test", now, pool: database.ownerPool });
let hours = 0;
/** An order of one item and its invoice, so many cents dearer in the ERP. */
const arrive = (name: string, dearer: bigint, changes: object = {}) =>
  inTransaction(database.ownerPool, async (client) => {
    hours += 1;
    await storeOrders(client, contexts.orders, [
      reading(order({ id: name, reference: name, items: [item({ id: `${name}-1` })] })),
    ]);
    const gross = 11_900n + dearer;
    const tax = (gross * 19n + 59n) / 119n;
    const unitPrice = `${gross / 100n}.${String(gross % 100n).padStart(2, "0")}`;
    await storeLedger(client, contexts.ledger, [
      reading(
        invoice({
          sourceId: `inv-${name}`,
          number: `INV-${name}`,
          reference: name,
          modifiedAt: new Date(Date.parse("2026-10-06T12:00:00Z") + hours * 60_000),
          stated: { net: gross - tax, tax, gross },
          lines: [line({ unitPrice, gross, tax, net: gross - tax, ...changes })],
        }),
      ),
    ]);
  });
const only = async (cause = "price-wrong") => {
  const found = await rows(
    "SELECT id, order_key, version, state, cause, assignee_id, due, bucket FROM exception WHERE cause = $1 ORDER BY order_reference",
    [cause],
  );
  return found[0];
};
const accept = async (actor: Actor, reason = "Agreed with the customer.") => {
  const { id, version } = await only();
  return acceptException(actor, { entityId: "E1", id, version, reason }, { now: now() });
};
const requestId = async () =>
  (await rows("SELECT id FROM acceptance_request WHERE state = 'asked'"))[0]?.id ??
  "00000000-0000-0000-0000-000000000000";
const decide = async (actor: Actor, approve = true, why = "Not agreed.") => {
  const { id } = await only();
  const asked = { entityId: "E1", id, requestId: await requestId(), approve, why };
  return decideAcceptance(actor, asked, { now: now() });
};
const summary = async () =>
  (await loadSummaries(database.ownerPool, { period: "2026-10" }))[0] as unknown as Readonly<{
    buckets: Readonly<{ erp: Readonly<Record<string, Readonly<{ lines: number; gross: string }>>> }>;
    causes: readonly Readonly<{ cause: string; gross: string }>[];
    proofs: readonly Readonly<{ name: string; ok: boolean }>[];
  }>;
const holds = async () => {
  const { proofs } = await summary();
  expect(
    proofs.filter((one) => ["adds-up", "one-bucket", "causes-hold"].includes(one.name) && !one.ok),
  ).toEqual([]);
  expect(await tallyDrift(database.ownerPool, "E1")).toEqual([]);
};

describe("accepting one exception", () => {
  it("puts its lines into the bucket accepted, and SCAYLE − Σ causes = ERP all the same", async () => {
    await arrive("A", 1_000n);
    await reconcile();
    expect((await summary()).buckets.erp["open"]).toMatchObject({ lines: 1 });
    expect(await accept(petra)).toMatchObject({ outcome: "accepted" });
    // By the job that the acceptance adds; here at once.
    expect(await rows("SELECT entity_id FROM dirty_group")).toEqual([{ entity_id: "E1" }]);
    expect(
      await rows("SELECT task_identifier AS task FROM graphile_worker.jobs WHERE key = 'reconcile:E1'"),
    ).toEqual([{ task: "reconcile" }]);
    await reconcile();
    expect(await summary()).toMatchObject({
      buckets: { erp: { accepted: { lines: 1, gross: "12900" }, open: { lines: 0 } } },
      causes: [{ cause: "price-wrong", gross: "-1000" }],
    });
    await holds();
    await reconcile(true);
    expect(await only()).toMatchObject({ state: "accepted" });
  });

  it("is taken back by whoever accepted it alone, as long as nothing has happened to it since", async () => {
    await arrive("A", 1_000n);
    await reconcile();
    const { id, version } = await only();
    const act = { kind: "assign", assigneeId: rita.id } as const;
    await actOnException(petra, { entityId: "E1", id, version, act }, { now: now() });
    await accept(petra);
    await reconcile();
    await expect(undoLast(rita, { entityId: "E1" }, { now: now() })).rejects.toMatchObject({
      code: "not-found",
    });
    const undone = await undoLast(petra, { entityId: "E1" }, { now: now() });
    expect(undone).toMatchObject({ kind: "accept", done: 1 });
    expect(await only()).toMatchObject({ id, state: "assigned", assignee_id: rita.id });
    await reconcile();
    expect(await only()).toMatchObject({ state: "assigned" });
    expect((await summary()).buckets.erp).toMatchObject({ open: { lines: 1 }, accepted: { lines: 0 } });
    await holds();
  });

  it("is opened again with a reason by who may accept, and stays open over reconciliations", async () => {
    await arrive("A", 10_001n);
    await reconcile();
    await accept(petra);
    await decide(rita);
    await reconcile();
    // Two people decided it: that is not taken back by one key.
    await expect(undoLast(rita, { entityId: "E1" }, { now: now() })).rejects.toMatchObject({
      code: "not-found",
    });
    const reason = "Agreed too early.";
    const reopen = async (actor: Actor) => {
      const { id, version } = await only();
      return reopenException(actor, { entityId: "E1", id, version, reason }, { now: now() });
    };
    await expect(reopen(await makeUser(database.ownerPool, "operations", null))).rejects.toMatchObject({
      code: "not-allowed",
    });
    await reopen(petra);
    expect(await only()).toMatchObject({ state: "new" });
    await expect(reopen(petra)).rejects.toMatchObject({ code: "conflict" });
    await reconcile(true);
    expect(await only()).toMatchObject({ state: "new" });
    expect((await summary()).buckets.erp).toMatchObject({ open: { lines: 1 }, accepted: { lines: 0 } });
    await holds();
    expect(await rows("SELECT after FROM audit_event WHERE action = 'exception.reopen'")).toEqual([
      { after: { state: "new", reason } },
    ]);
  });

  it("above the limit is asked for, and decided by somebody else, administrators not exempt", async () => {
    await arrive("A", 10_001n);
    await reconcile();
    expect(await accept(admin)).toMatchObject({ outcome: "asked" });
    expect(await only()).toMatchObject({ state: "new", version: 1 });
    await expect(accept(petra)).rejects.toThrow(/has asked for it already/);
    await expect(decide(admin)).rejects.toThrow(/You asked for it yourself/);
    await expect(decide(petra)).rejects.toMatchObject({ code: "not-allowed" });
    await decide(rita, true, "");
    expect(await only()).toMatchObject({ state: "accepted" });
    await expect(decide(rolf)).rejects.toMatchObject({ code: "not-found" });
    expect(await rows("SELECT accepted_by, approved_by FROM acceptance")).toEqual([
      { accepted_by: admin.name, approved_by: rita.name },
    ]);
    await reconcile();
    await holds();
    expect(await rows("SELECT action FROM audit_event WHERE action LIKE 'exception.%' ORDER BY seq")).toEqual(
      [{ action: "exception.ask-acceptance" }, { action: "exception.approve-acceptance" }],
    );
  });

  it("can be rejected with a reason and asked for again, though not decided by whoever asked once", async () => {
    await arrive("A", 10_001n);
    await reconcile();
    await accept(rita);
    await decide(rolf, false);
    expect(await only()).toMatchObject({ state: "new" });
    await accept(petra);
    await expect(decide(rita)).rejects.toThrow(/You asked for it yourself/);
    await decide(rolf);
    expect(await only()).toMatchObject({ state: "accepted" });
  });

  it("is decided once, of two people who decide at the same time", async () => {
    await arrive("A", 10_001n);
    await reconcile();
    await accept(petra);
    const both = await Promise.allSettled([decide(rita), decide(rolf)]);
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await rows("SELECT count(*)::int AS count FROM acceptance")).toEqual([{ count: 1 }]);
  });

  it("is bound to the amounts that were asked about", async () => {
    await arrive("A", 10_001n);
    await reconcile();
    await accept(petra);
    await arrive("A", 20_002n);
    await reconcile();
    await expect(decide(rita)).rejects.toThrow(/figures have changed since/);
    await accept(petra, "The other price is agreed, too.");
    await decide(rita);
    expect(await only()).toMatchObject({ state: "accepted" });
    expect(await rows("SELECT state FROM acceptance_request ORDER BY asked_at")).toEqual([
      { state: "replaced" },
      { state: "approved" },
    ]);
  });

  it("goes by the entity's limit, which does not hold for whoever set it", async () => {
    await arrive("A", 1_000n);
    await reconcile();
    await setLimit(admin, { entityId: "E1", currency: "EUR", amount: "9.99" }, { now: now() });
    expect(await accept(petra)).toMatchObject({ outcome: "asked" });
    await decide(rita, false);
    await setLimit(admin, { entityId: "E1", currency: "EUR", amount: "10.00" }, { now: now() });
    expect(await accept(admin)).toMatchObject({ outcome: "asked" });
    await decide(rita, false);
    expect(await accept(petra)).toMatchObject({ outcome: "accepted" });
    await expect(
      setLimit(petra, { entityId: "E1", currency: "EUR", amount: "1000" }, { now: now() }),
    ).rejects.toMatchObject({ code: "not-allowed" });
  });
});

describe("what people decided, over re-runs", () => {
  const touch = async (dearer: bigint) => {
    await arrive("A", dearer);
    await reconcile();
  };
  const act = async (what: Parameters<typeof actOnException>[1]["act"], cause = "price-wrong") => {
    const { id, version } = await only(cause);
    await actOnException(petra, { entityId: "E1", id, version, act: what }, { now: now() });
    return id as string;
  };

  it("keeps owner, comments and a wait while amounts change; each change is told", async () => {
    await touch(1_000n);
    const id = await act({ kind: "assign", assigneeId: rita.id, ownerTeam: "operations", due: "2027-01-15" });
    await commentOnException(petra, { entityId: "E1", id, text: "Asked the carrier." }, { now: now() });
    await act({ kind: "wait", on: "carrier", until: "2027-01-10" });
    await reconcile(true);
    await touch(1_500n);
    const held = await findException(["E1"], id);
    expect(held).toMatchObject({
      state: "waiting",
      waitingOn: "carrier",
      waitingUntil: "2027-01-10",
      assigneeId: rita.id,
      ownerTeam: "operations",
      due: "2027-01-15",
      gross: -1_500n,
    });
    expect(held && (await findMoments(held)).map((one) => one.kind)).toEqual([
      "changed",
      "waiting",
      "commented",
      "assigned",
      "found",
    ]);
  });

  it("ends a wait when the figures agree, and gives it back to whoever had it when they don't again", async () => {
    await touch(1_000n);
    const id = await act({ kind: "assign", assigneeId: rita.id });
    await act({ kind: "wait", on: "carrier", until: "2027-01-10" });
    await touch(0n);
    expect(await findException(["E1"], id)).toMatchObject({ state: "resolved", waitingOn: null });
    await touch(1_000n);
    expect(await findException(["E1"], id)).toMatchObject({
      state: "assigned",
      assigneeId: rita.id,
      waitingUntil: null,
    });
  });

  it("gives owner, comments and history to the cause that takes its place, but no acceptance and no wait", async () => {
    await touch(1_000n);
    const id = await act({ kind: "assign", assigneeId: rita.id, ownerTeam: "operations" });
    await commentOnException(petra, { entityId: "E1", id, text: "Asked the carrier." }, { now: now() });
    await accept(petra);
    await reconcile();
    expect(await only()).toMatchObject({ state: "accepted" });
    const odd = { gross: 12_000n, tax: 1_916n, net: 10_084n, unitPrice: "129.00" };
    await arrive("A", 100n, odd);
    await reconcile();
    expect(await only()).toMatchObject({ state: "resolved" });
    const heir = await only("unexplained");
    expect(heir).toMatchObject({ state: "assigned", assignee_id: rita.id });
    const held = await findException(["E1"], heir.id);
    const moments = held ? await findMoments(held) : [];
    expect(moments.some((one) => one.text === "Asked the carrier." && one.former === "price-wrong")).toBe(
      true,
    );
    expect(moments.find((one) => one.kind === "succeeded")?.text).toMatch(/whose acceptance does not count/);
    await expect(
      acceptException(
        petra,
        { entityId: "E1", id: heir.id, version: heir.version, reason: "It is a small amount." },
        { now: now() },
      ),
    ).rejects.toMatchObject({ code: "invalid" });
  });

  it("gives nobody more time: due by amount, earlier when it grows, never later by itself, anew when reopened", async () => {
    // The order is of two months ago: here only the amount is looked at.
    await rows("INSERT INTO due_age (entity_id, days) VALUES ('E1', NULL)");
    await touch(1_000n);
    // 16 December 2026 is a Wednesday; Christmas is on Friday and Saturday of the next week.
    expect(await only()).toMatchObject({ due: "2026-12-23" });
    await touch(200_000n);
    expect(await only()).toMatchObject({ due: "2026-12-21" });
    await touch(500n);
    expect(await only()).toMatchObject({ due: "2026-12-21" });
    await touch(0n);
    ticks += 7 * 86_400_000;
    await touch(500n);
    // From the 23rd on, over Christmas: 24, 28, 29, 30, 31.
    expect(await only()).toMatchObject({ state: "new", due: "2026-12-31" });
    ticks -= 7 * 86_400_000;
    await rows("DELETE FROM due_age");
  });

  it("does not overrule what a person does while a run is at work", async () => {
    await touch(1_000n);
    await arrive("A", 1_500n);
    const { id, order_key, version } = await only();
    const client = await database.ownerPool.connect();
    try {
      // Somebody takes it over in a transaction that ends only when the run already waits for the row.
      await client.query("BEGIN");
      await client.query(
        "UPDATE exception SET assignee_id = $3, state = 'assigned', version = version + 1 WHERE order_key = $1 AND id = $2",
        [order_key, id, rita.id],
      );
      const run = reconcile();
      await waitsForRow();
      await client.query("COMMIT");
      await run;
    } finally {
      client.release();
    }
    expect(await only()).toMatchObject({ state: "assigned", assignee_id: rita.id, version: version + 2 });
  });
});

async function waitsForRow(): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const waiting = await rows(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%exception%'",
    );
    if (waiting.length > 0) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("the run never came to the row");
}

describe("always accepting such", () => {
  const proposal = (changes: object = {}) =>
    RuleProposal.parse({
      entityId: "E1",
      cause: "price-wrong",
      shopId: "",
      channel: "",
      taxCode: "",
      currency: "EUR",
      most: "10.00",
      expiresOn: "2027-06-30",
      reason: "Agreed price differences up to ten euros.",
      ...changes,
    });
  const propose = (actor: Actor, changes: object = {}) =>
    proposeRule(actor, proposal(changes), { now: now() });
  const approve = (actor: Actor, id: string) =>
    decideRule(actor, { entityId: "E1", id, approve: true }, { now: now() });
  const states = () =>
    rows("SELECT order_reference AS name, state FROM exception WHERE state <> 'resolved' ORDER BY 1");

  it("accepts nothing until somebody else approves it, then all that fit and whatever comes, and no more", async () => {
    await arrive("A", 1_000n);
    await arrive("B", 1_001n);
    await reconcile();
    const { id } = await propose(petra);
    await reconcile(true);
    expect(await states()).toEqual([
      { name: "A", state: "new" },
      { name: "B", state: "new" },
    ]);
    await expect(approve(petra, id)).rejects.toMatchObject({ code: "not-allowed" });
    expect(await approve(rita, id)).toEqual({ groups: 1 });
    await expect(approve(rolf, id)).rejects.toMatchObject({ code: "conflict" });
    await arrive("C", -500n);
    await reconcile();
    expect(await states()).toEqual([
      { name: "A", state: "accepted" },
      { name: "B", state: "new" },
      { name: "C", state: "accepted" },
    ]);
    await holds();
    expect((await summary()).buckets.erp["accepted"]).toMatchObject({ lines: 2 });
    expect(await rows("SELECT accepted_by, approved_by, rule_id FROM acceptance LIMIT 1")).toEqual([
      { accepted_by: petra.name, approved_by: rita.name, rule_id: id },
    ]);
    // Opened by hand it would be accepted again: that is the rule's to end.
    const { id: ruled, version } = await only();
    await expect(
      reopenException(petra, { entityId: "E1", id: ruled, version, reason: "Look again." }, { now: now() }),
    ).rejects.toThrow(/End the rule/);
    // It is bound to the amount: more than the rule allows is for people again.
    await arrive("A", 1_200n);
    await reconcile();
    expect(await states()).toContainEqual({ name: "A", state: "new" });
    await arrive("A", 900n);
    await reconcile();
    expect(await states()).toContainEqual({ name: "A", state: "accepted" });
    await holds();
  });

  it("cannot be approved by its maker, whatever their roles, and not made for what must be looked at", async () => {
    const { id } = await propose(admin);
    await expect(approve(admin, id)).rejects.toThrow(/You made this rule/);
    for (const cause of ["unexplained", "sale-missing-in-erp", "record-failed", "nonsense"]) {
      await expect(propose(petra, { cause })).rejects.toMatchObject({ code: "invalid" });
    }
    await expect(propose(petra, { expiresOn: "2026-12-01" })).rejects.toMatchObject({ code: "invalid" });
    await expect(propose(petra, { expiresOn: "2028-12-01" })).rejects.toMatchObject({ code: "invalid" });
  });

  it("foresees over the whole population exactly what it then accepts, by shop, channel, tax code and amount", async () => {
    for (const [name, dearer] of [
      ["A", 100n],
      ["B", 200n],
      ["C", -300n],
      ["D", 400n],
    ] as const) {
      await arrive(name, dearer);
    }
    await arrive("E", 250n, { taxCode: "OTHER" });
    await reconcile();
    const cases = [
      {},
      { most: "2.00" },
      { most: "0.99" },
      { taxCode: "VAT19" },
      { taxCode: "OTHER" },
      { taxCode: "-" },
      { channel: "shop_de" },
      { channel: "marketplace" },
      { shopId: "E1/ms/de" },
      { shopId: "nowhere" },
      { currency: "GBP" },
    ];
    for (const change of cases) {
      const foreseen = await effectOfRule(database.ownerPool, "E1", columnsOf(proposal(change)));
      const { id } = await propose(petra, change);
      await approve(rita, id);
      await reconcile();
      const [{ count }] = await rows("SELECT count(*)::int AS count FROM exception WHERE state = 'accepted'");
      expect([change, count]).toEqual([change, foreseen.accepted.reduce((sum, row) => sum + row.count, 0)]);
      expect(foreseen.left).toBe(
        (await rows("SELECT FROM exception WHERE state = 'new' AND cause = 'price-wrong'")).length,
      );
      await endRule(petra, { entityId: "E1", id, why: "The next.", reopen: true }, { now: now() });
      await reconcile();
      expect(await rows("SELECT FROM exception WHERE state = 'accepted'")).toEqual([]);
    }
  });

  it("says over how much it is where only the tax differs, and why others are left to people", async () => {
    await arrive("A", 0n, { gross: 11_900n, tax: 1_800n, net: 10_100n });
    await arrive("B", 100n);
    await arrive("C", 5_000n);
    await reconcile();
    await rows("UPDATE exception SET cause = 'price-wrong'");
    const effect = await effectOfRule(database.ownerPool, "E1", columnsOf(proposal()));
    const sums = { gross: -100n, extent: 200n };
    expect(effect).toMatchObject({ accepted: [{ count: 2, ...sums }], left: 1, above: 1, ambiguous: 0 });
    const { id } = await propose(petra);
    await approve(rita, id);
    const [told] = await rows(
      "SELECT after FROM audit_event WHERE action = 'acceptance-rule.approve' ORDER BY seq DESC LIMIT 1",
    );
    expect(told.after.foreseen).toMatchObject([{ extent: "200", gross: "-100" }]);
  });

  it("is said to wait for a reconciliation until one ran, and is not previewed beyond a year", async () => {
    const { id } = await propose(petra);
    await approve(rita, id);
    const waits = async () => (await findRules("E1")).map((rule) => rule.isWaiting);
    expect(await waits()).toEqual([true]);
    await arrive("A", 100n);
    await reconcile();
    expect(await waits()).toEqual([false]);
    const { reason: _, ...scope } = proposal();
    const asked = (expiresOn?: string) =>
      previewRule(petra, { ...scope, expiresOn }, database.ownerPool, now());
    await expect(asked("2028-12-01")).rejects.toThrow(/at most a year/);
    expect((await asked()).left).toBe(0);
  });

  it("ends on its last day, and what it accepted stays while the amounts stay", async () => {
    const { id } = await propose(petra, { expiresOn: "2026-12-16" });
    await approve(rita, id);
    await arrive("A", 100n);
    await reconcile();
    ticks += 86_400_000;
    await arrive("B", 100n);
    await reconcile(true);
    expect(await states()).toEqual([
      { name: "A", state: "accepted" },
      { name: "B", state: "new" },
    ]);
    ticks -= 86_400_000;
  });
});
