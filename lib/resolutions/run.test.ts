import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { item, prepare } from "@/lib/sync/store/fixtures";
import { loadAttempts } from "./attempts";
import { decideBatch, foreseeBatch, resumeBatch, startBatch, stopBatch } from "./batches";
import { contextsOf } from "./context";
import { isPlan } from "./contract";
import {
  contextOver,
  createWorlds,
  type Fate,
  type Plight,
  plant,
  plights,
  readWorlds,
  SETTLES,
  type Worlds,
} from "./fixtures";
import { isEnded } from "./machine";
import {
  cancelResolution,
  decideResolution,
  planAnew,
  setResolutionLimit,
  startResolution,
  undoResolution,
  writtenOf,
} from "./mutations";
import { basisOfPlan } from "./preview";
import { runResolution } from "./run";
import { runBatch } from "./run-batch";
import { undoPlanOf } from "./undo";
import { watchResolutions } from "./watch";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let preparer: Actor;
let reviewer: Actor;
let admin: Actor;
let auditor: Actor;
let service: Actor;
let clock = Date.parse("2026-11-02T08:00:00Z");
const now = () => new Date(clock);
let nextId = 5000;

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  contexts = await prepare(pool);
  await pool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at, confirmed_by)
     VALUES (gen_random_uuid(), 'E1', 'DE', '*', 0.19, 'VAT19', now(), 'test')`,
  );
  preparer = await makeUser(pool, "finance-preparer", "E1");
  reviewer = await makeUser(pool, "finance-reviewer", "E1");
  admin = await makeUser(pool, "administrator", null);
  auditor = await makeUser(pool, "auditor", null);
  service = await makeUser(pool, "customer-service", null);
});
afterAll(() => database.close());

type Set = Readonly<{ id: string; orderKey: string; exceptionId: string; worlds: Worlds; code: string }>;

/** An order with a plight, read and reconciled: its exception is there. */
async function given(
  plight: Plight,
  fate: (kind: string) => Fate = () => "answers",
  worlds = createWorlds(now, fate),
  more: (worlds: Worlds, id: string) => void = () => undefined,
): Promise<Set> {
  nextId += 1;
  clock += 1000;
  const id = String(nextId);
  plant(worlds, id, plight);
  more(worlds, id);
  await readWorlds(worlds, contexts, database.ownerPool, [id], now());
  const orderKey = orderKeyOf(contexts.orders.connectionId, id);
  await runReconciliation(
    { entityId: "E1", orderKeys: [orderKey] },
    { actorName: "test", now, pool: database.ownerPool },
  );
  const { rows } = await database.ownerPool.query<{ id: string }>(
    "SELECT id FROM exception WHERE order_key = $1 AND cause = $2 AND state = 'new'",
    [orderKey, plight],
  );
  const [found] = rows;
  if (!found) throw new Error(`${plight} was not found`);
  return { id, orderKey, exceptionId: found.id, worlds, code: plights[plight] };
}

const surroundings = (set: Pick<Set, "worlds">, pool: pg.Pool = database.ownerPool) =>
  contextOver(set.worlds, contexts, {
    pool,
    reading: database.ownerPool,
    now,
    // No two readings are of one moment.
    onRead: () => {
      clock += 1000;
    },
  });
const context = (set: Pick<Set, "worlds">) => ({
  now: now(),
  pool: database.ownerPool,
  writers: surroundings(set).writers,
});

async function basisNow({ orderKey, exceptionId, code }: Set): Promise<string> {
  const found = await contextsOf(database.ownerPool, "E1", [{ orderKey, id: exceptionId }], now());
  const one = found.get(exceptionId);
  const plan = one ? writtenOf(code).plan(one) : null;
  if (!plan || !isPlan(plan)) throw new Error(plan ? plan.cannot : "no context");
  return basisOfPlan(code, plan);
}

const start = async (set: Set, actor = preparer) =>
  startResolution(
    actor,
    { entityId: "E1", exceptionId: set.exceptionId, code: set.code, basis: await basisNow(set) },
    context(set),
  );

const attemptOf = async (id: string) =>
  (await database.ownerPool.query("SELECT * FROM resolution_attempt WHERE id = $1", [id])).rows[0];
const exceptionOf = async (set: Set) =>
  (
    await database.ownerPool.query(
      "SELECT state, resolved_at, assignee_id, waiting_on FROM exception WHERE id = $1",
      [set.exceptionId],
    )
  ).rows[0];
/** Takes back what an attempt did, by what would be shown. */
async function undoOf(set: Set, id: string) {
  const [attempt] = await loadAttempts(database.ownerPool, [{ orderKey: set.orderKey, id }]);
  if (!attempt) throw new Error("no attempt");
  const plan = await undoPlanOf(database.ownerPool, attempt, now());
  const basis = isPlan(plan) ? basisOfPlan(attempt.code, plan) : "none";
  return undoResolution(preparer, { entityId: "E1", id, basis }, context(set));
}
const stepsOf = async (id: string): Promise<string[]> =>
  (
    await database.ownerPool.query("SELECT kind FROM resolution_step WHERE attempt_id = $1 ORDER BY seq", [
      id,
    ])
  ).rows.map((row) => row.kind);

/** Lets the runner have it until it has ended, its waits passing at once. */
async function toEnd(set: Set, id: string): Promise<string> {
  for (let times = 0; times < 60; times += 1) {
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    const { state, next_at } = await attemptOf(id);
    if (isEnded(state)) return state;
    clock = Math.max(clock + 1000, next_at?.getTime() ?? 0);
  }
  throw new Error("it never ended");
}

/** What each plight leaves in the other system once it is put right. */
const EFFECTS: Readonly<Record<Plight, readonly string[]>> = {
  "sale-missing-in-erp": ["sale"],
  "credit-missing-in-erp": ["credit"],
  "duplicate-in-erp": ["credit"],
  "tax-code-missing": ["credit", "sale"],
  "credit-note-failed": ["refund"],
  "tax-not-recalculated": ["values"],
};
const effectsOf = ({ worlds, id }: Set): string[] =>
  worlds.effects.filter((one) => one.endsWith(`DE-${id}`)).map((one) => one.split(" ")[0] ?? "");

const all = Object.keys(plights) as Plight[];

describe("a resolution", () => {
  it.each(all)("of %s is sent, read back, and closed with proof", async (plight) => {
    const set = await given(plight);
    const { id, state } = await start(set);
    expect(state).toBe("claimed");
    expect(await toEnd(set, id)).toBe("proved");
    expect(effectsOf(set)).toEqual(EFFECTS[plight]);
    expect(await exceptionOf(set)).toMatchObject({ state: "resolved" });
    const attempt = await attemptOf(id);
    expect(attempt.before.exception).not.toBeNull();
    expect(attempt.after.exception).toBeNull();
    const steps = await stepsOf(id);
    expect(steps.indexOf("held")).toBeLessThan(steps.indexOf("sent"));
    expect(steps.at(-1)).toBe("ended");
    const trail = await database.ownerPool.query(
      "SELECT action FROM audit_event WHERE subject = $1 ORDER BY seq",
      [`exception:${set.exceptionId}`],
    );
    expect(trail.rows.map((row) => row.action)).toEqual(["resolution.begin", "resolution.proved"]);
  });

  it("moves the month by exactly its amount", async () => {
    const set = await given("sale-missing-in-erp");
    const { id } = await start(set);
    await toEnd(set, id);
    const { before, after } = await attemptOf(id);
    const month = (figures: typeof before) =>
      figures.months.find((one: { period: string }) => one.period === "2026-10");
    expect(BigInt(month(before).difference) - BigInt(month(after).difference)).toBe(11_900n);
    expect(BigInt(month(after).erp) - BigInt(month(before).erp)).toBe(11_900n);
    expect(BigInt(month(before).tax) - BigInt(month(after).tax)).toBe(1_900n);
    expect(BigInt(month(before).net) - BigInt(month(after).net)).toBe(10_000n);
  });

  it("is begun once, however often and by how many it is asked for", async () => {
    const set = await given("sale-missing-in-erp");
    const basis = await basisNow(set);
    const ask = (actor: Actor) =>
      startResolution(
        actor,
        { entityId: "E1", exceptionId: set.exceptionId, code: set.code, basis },
        context(set),
      );
    const asked = await Promise.allSettled([ask(preparer), ask(preparer), ask(reviewer), ask(admin)]);
    expect(asked.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    for (const one of asked)
      if (one.status === "rejected")
        expect(one.reason.message).toMatch(/has begun to put this right already/);
  });

  it("is sent for one exception of an order at a time: what the first left decides on the next", async () => {
    const second = { net: 4_202n, tax: 798n, gross: 5_000n };
    const dear = { net: 5_042n, tax: 958n, gross: 6_000n };
    const set = await given("tax-code-missing", undefined, undefined, ({ orders, documents }, id) => {
      const held = orders.get(id);
      const invoiced = documents.at(-1);
      if (!held || !invoiced) throw new Error("nothing was planted");
      orders.set(id, { ...held, items: [...held.items, item({ id: `${id}2`, sku: "SKU-2", ...second })] });
      const line = { ...invoiced.lines[0], sourceLineId: "20000", sku: "SKU-2", taxCode: "VAT19" };
      documents.splice(-1, 1, {
        ...invoiced,
        stated: { net: 15_042n, tax: 2_858n, gross: 17_900n },
        lines: [
          ...invoiced.lines,
          { ...line, unitPrice: "60.00", ...dear } as (typeof invoiced.lines)[number],
        ],
      });
    });
    const { rows } = await database.ownerPool.query<{ id: string }>(
      "SELECT id FROM exception WHERE order_key = $1 AND cause = 'price-wrong'",
      [set.orderKey],
    );
    const other: Set = { ...set, exceptionId: rows[0]?.id ?? "", code: "correct-line" };
    const [one, two] = [await start(set), await start(other)];
    // Two workers, each at one of them, at the same moment and again until both have ended.
    for (let times = 0; times < 40; times += 1) {
      await Promise.all([
        runResolution({ orderKey: set.orderKey, id: one.id }, surroundings(set)),
        runResolution({ orderKey: set.orderKey, id: two.id }, surroundings(set)),
      ]);
      const states = [await attemptOf(one.id), await attemptOf(two.id)];
      if (states.every(({ state }) => isEnded(state))) break;
      clock = Math.max(clock + 6_000, ...states.map(({ next_at }) => next_at?.getTime() ?? 0));
    }
    const ends = [await attemptOf(one.id), await attemptOf(two.id)];
    expect(ends.map(({ state }) => state).sort()).toEqual(["proved", "refused"]);
    expect(ends.find(({ state }) => state === "refused").outcome).toContain("Nothing was sent.");
    // The invoice was taken back once, and once posted again.
    expect(effectsOf(set)).toEqual(["credit", "sale"]);
  });

  it("is refused where what was shown holds no more, and nothing is sent", async () => {
    const set = await given("sale-missing-in-erp");
    const { id } = await start(set);
    const held = set.worlds.orders.get(set.id);
    // Somebody cancels a part of it in SCAYLE before it is sent.
    if (held)
      set.worlds.orders.set(set.id, {
        ...held,
        items: held.items.map((one) => ({ ...one, gross: 10_000n, net: 8_403n, tax: 1_597n })),
        updatedAt: new Date("2026-11-02T07:59:00Z"),
      });
    expect(await toEnd(set, id)).toBe("refused");
    expect((await attemptOf(id)).outcome).toMatch(/not what was shown.*Nothing was sent/);
    expect(set.worlds.effects).toEqual([]);
    expect(set.worlds.drafts.size).toBe(0);
  });

  it("is refused when it begins where the person saw another plan", async () => {
    const set = await given("sale-missing-in-erp");
    await expect(
      startResolution(
        preparer,
        { entityId: "E1", exceptionId: set.exceptionId, code: set.code, basis: "of yesterday" },
        context(set),
      ),
    ).rejects.toThrow(/has changed since you looked/);
  });

  it("is opened again with the ERP’s own words where it is refused, and its draft is taken back", async () => {
    const set = await given("sale-missing-in-erp", (kind) => (kind === "post" ? "refuses" : "answers"));
    const { id } = await start(set);
    expect(await toEnd(set, id)).toBe("reopened");
    expect((await attemptOf(id)).outcome).toMatch(/The posting date is not allowed/);
    expect(set.worlds.drafts.size).toBe(0);
    expect(await exceptionOf(set)).toMatchObject({ state: "assigned", assignee_id: preparer.id });
  });

  it("that is accepted and has no effect is never sent again, and is opened again with what was read", async () => {
    for (const plight of ["credit-note-failed", "duplicate-in-erp"] as const) {
      const set = await given(plight, () => "nothing");
      const { id } = await start(set);
      expect(await toEnd(set, id)).toBe("reopened");
      expect((await stepsOf(id)).filter((kind) => kind === "sent")).toHaveLength(1);
      expect((await attemptOf(id)).outcome).toMatch(/accepted it, and it has no effect yet/);
    }
  });

  it("does not post a draft that comes to other figures than were shown", async () => {
    const set = await given("sale-missing-in-erp");
    const { id } = await start(set);
    const { look } = set.worlds.ledger;
    Object.assign(set.worlds.ledger, {
      look: async (...asked: Parameters<typeof look>) => {
        const trace = await look(...asked);
        return trace.state === "begun" ? { ...trace, figures: { net: 1n, tax: 1n, gross: 2n } } : trace;
      },
    });
    expect(await toEnd(set, id)).toBe("refused");
    expect((await attemptOf(id)).outcome).toMatch(/gross 0\.02 of it where 119\.00 was shown/);
    expect(set.worlds.effects).toEqual([]);
    expect(set.worlds.drafts.size).toBe(0);
  });

  it("looks before it sends again when an answer was lost, and hands its key on", async () => {
    let lost = 0;
    const set = await given("sale-missing-in-erp", (kind) => {
      if (kind !== "draft" || lost > 0) return "answers";
      lost += 1;
      return "lost-after";
    });
    const { id } = await start(set);
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    const attempt = await attemptOf(id);
    expect(attempt.state).toBe("waiting");
    expect(attempt.next_at.getTime() - attempt.touched_at.getTime()).toBe(SETTLES);
    // Nobody looks earlier, whoever comes by.
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    expect((await stepsOf(id)).filter((kind) => kind === "looked")).toHaveLength(1);
    expect(await toEnd(set, id)).toBe("proved");
    expect(set.worlds.effects).toEqual([`sale DE-${set.id}`]);
  });

  it("is not done where the same fault is found anew in the order", async () => {
    // While it is sent somebody posts the same once more, without the code. By its number the new document is the later one,
    // which is then taken for the duplicate.
    const worlds: Worlds = createWorlds(now, (kind) => {
      const one = worlds.documents.find(({ status }) => status === "Canceled");
      if (kind === "post" && one)
        worlds.documents.push({ ...one, sourceId: `${one.sourceId}-0B`, number: "INV-0B", status: "Open" });
      return "answers";
    });
    const set = await given("tax-code-missing", undefined, worlds);
    const { id } = await start(set);
    expect(await toEnd(set, id)).toBe("reopened");
    expect((await attemptOf(id)).outcome).toMatch(/it is not there yet.*has no tax code/);
  });

  it("is taken back by the ERP’s reversal, and what was missing is missing again", async () => {
    const set = await given("sale-missing-in-erp");
    const { id } = await start(set);
    await toEnd(set, id);
    const back = await undoOf(set, id);
    expect(await toEnd(set, back.id)).toBe("proved");
    expect(effectsOf(set)).toEqual(["sale", "credit"]);
    // It was the preparer's, and is again.
    expect(await exceptionOf(set)).toMatchObject({ state: "assigned", assignee_id: preparer.id });
    await expect(undoOf(set, id)).rejects.toThrow(/was taken back already/);
    // Put right again: the plan is about what is missing, not about what was taken back.
    const again = await start(set);
    expect(await toEnd(set, again.id)).toBe("proved");
    expect(effectsOf(set)).toEqual(["sale", "credit", "sale"]);
    const other = await given("duplicate-in-erp");
    const second = await start(other);
    await toEnd(other, second.id);
    await expect(undoOf(other, second.id)).rejects.toThrow(/can’t be taken back from here/);
  });

  it("is taken back only by what was shown", async () => {
    const set = await given("sale-missing-in-erp");
    const { id } = await start(set);
    await toEnd(set, id);
    await expect(
      undoResolution(preparer, { entityId: "E1", id, basis: "of yesterday" }, context(set)),
    ).rejects.toThrow(/has changed since you looked/);
  });

  it("that credited and invoiced again is taken back whole: the new document goes, the old one is posted as it was", async () => {
    const set = await given("tax-code-missing");
    const { id } = await start(set);
    await toEnd(set, id);
    const back = await undoOf(set, id);
    const { plan } = await attemptOf(back.id);
    expect(plan.writes.map((one: { write: { kind: string } }) => one.write.kind)).toEqual([
      "reverse-document",
      "post-document",
    ]);
    expect(plan.writes[1].write.document.lines[0]).toMatchObject({
      taxCode: "",
      gross: "11900",
      tax: "1900",
    });
    expect(await toEnd(set, back.id)).toBe("proved");
    expect(effectsOf(set)).toEqual(["credit", "sale", "credit", "sale"]);
    const { rows } = await database.ownerPool.query(
      "SELECT state FROM exception WHERE order_key = $1 AND cause = 'tax-code-missing' AND state IN ('new', 'assigned')",
      [set.orderKey],
    );
    expect(rows).toHaveLength(1);
  });

  it("of a credit after an undo names the invoice, not the document that took the memo back", async () => {
    const set = await given("credit-missing-in-erp");
    const { id } = await start(set);
    await toEnd(set, id);
    const back = await undoOf(set, id);
    expect(await toEnd(set, back.id)).toBe("proved");
    const again = await start(set);
    const { plan } = await attemptOf(again.id);
    expect(plan.writes[0].write.document.corrects.number).toBe(`INV-${set.id}`);
  });

  it("is its starter’s, in progress while it is sent, and theirs to act on where it came to nothing", async () => {
    const set = await given("sale-missing-in-erp", (kind) => (kind === "draft" ? "lost-before" : "refuses"));
    expect(await exceptionOf(set)).toMatchObject({ state: "new", assignee_id: null });
    const { id } = await start(set);
    expect(await exceptionOf(set)).toMatchObject({ state: "in-progress", assignee_id: preparer.id });
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    expect(await exceptionOf(set)).toMatchObject({ state: "waiting", waiting_on: "Business Central" });
    expect(await toEnd(set, id)).toBe("reopened");
    expect(await exceptionOf(set)).toMatchObject({ state: "assigned", assignee_id: preparer.id });
    const { rows } = await database.ownerPool.query(
      "SELECT kind FROM exception_event WHERE exception_id = $1 ORDER BY at, id",
      [set.exceptionId],
    );
    expect(rows.map((row) => row.kind)).toEqual(expect.arrayContaining(["resolution-begun", "taken"]));
  });

  it("tells what was lost without an address of ours, and says what is done about it", async () => {
    const set = await given("sale-missing-in-erp", () => "lost-before");
    const { id } = await start(set);
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    const { rows } = await database.ownerPool.query(
      "SELECT text FROM resolution_step WHERE attempt_id = $1",
      [id],
    );
    const said = rows.map((row) => row.text).join(" ");
    expect(said).not.toMatch(/https?:/);
    expect(said).toMatch(/Business Central did not answer in time/);
    expect(said).toMatch(/only what is not there is sent again/);
  });

  it("is measured by the document that it posts, not by the difference", async () => {
    const set = await given("tax-code-missing");
    const { id } = await start(set);
    const { worths } = await attemptOf(id);
    expect(worths).toEqual([{ currency: "EUR", minor: "11900" }]);
  });
});

describe("a connection without a path", () => {
  it("gives an instruction, and its effect is noticed", async () => {
    const set = await given("credit-note-failed");
    Object.assign(set.worlds.store, { lacks: () => "SCAYLE has no call for this." });
    const { id, state } = await start(set);
    expect(state).toBe("instructed");
    const attempt = await attemptOf(id);
    expect(attempt.preview[0].lacks).toBe("SCAYLE has no call for this.");
    expect(attempt.plan.writes[0].write.items).toHaveLength(1);
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    expect((await attemptOf(id)).state).toBe("instructed");
    expect((await stepsOf(id)).includes("sent")).toBe(false);
    // Somebody does it in SCAYLE; the next reading finds it.
    await set.worlds.store.advance({ ...attempt.plan.writes[0].write }, "by-hand", { state: "none" });
    await surroundings(set).readBack("E1", [set.orderKey], { kind: "machine", id: "test", name: "test" });
    await watchResolutions(database.ownerPool, "E1", now);
    const done = await attemptOf(id);
    expect(done).toMatchObject({ state: "proved", outcome: expect.stringContaining("done there") });
    expect(await exceptionOf(set)).toMatchObject({ state: "resolved" });
    // It closes with before and after, as what is sent from here does.
    expect(done.before.exception).toMatchObject({ gross: "11900" });
    expect(done.after.exception).toBeNull();
    expect(done.after.documents.length).toBeGreaterThan(done.before.documents.length);
  });
});

describe("who may", () => {
  it("send: not the auditor, not customer service", async () => {
    const set = await given("sale-missing-in-erp");
    await expect(start(set, auditor)).rejects.toThrow(/You may not put exceptions right/);
    await expect(start(set, service)).rejects.toThrow(/You may not put exceptions right/);
  });

  it("approve: nobody who asked, had it planned anew, or gave themselves leave; in whatever role", async () => {
    await setResolutionLimit(
      admin,
      { entityId: "E1", code: "post-missing-sale", currency: "EUR", amount: "100.00" },
      context(await given("sale-missing-in-erp")),
    );
    const set = await given("sale-missing-in-erp");
    const { id, state } = await start(set, admin);
    expect(state).toBe("asked");
    const decide = (actor: Actor, approve = true) =>
      decideResolution(
        actor,
        { entityId: "E1", id, approve, why: "looked at" },
        { now: now(), pool: database.ownerPool },
      );
    await expect(decide(admin)).rejects.toThrow(/You asked for it yourself/);
    // A second role of the same person is the same person.
    await expect(
      decide({ ...admin, grants: [{ role: "finance-reviewer", entityId: null }] }),
    ).rejects.toThrow(/You asked for it yourself/);
    await expect(decide(preparer)).rejects.toThrow(/You may not approve/);
    const held = set.worlds.orders.get(set.id);
    if (held)
      set.worlds.orders.set(set.id, {
        ...held,
        items: held.items.map((one) => ({ ...one, gross: 23_800n, net: 20_000n, tax: 3_800n })),
        updatedAt: now(),
      });
    await surroundings(set).readBack("E1", [set.orderKey], { kind: "machine", id: "test", name: "test" });
    await planAnew(reviewer, { entityId: "E1", id }, context(set));
    await expect(decide(reviewer)).rejects.toThrow(/You had it planned anew/);
    // Nothing was sent of it meanwhile, whoever lets the runner have it.
    await runResolution({ orderKey: set.orderKey, id }, surroundings(set));
    expect(set.worlds.effects).toEqual([]);
    const other = await makeOther("finance-reviewer");
    await decide(other);
    expect(await toEnd(set, id)).toBe("proved");
    await expect(decide(other)).rejects.toThrow(/decided on already/);
  });

  it("may withdraw what was not sent, and reject with a reason", async () => {
    const set = await given("sale-missing-in-erp");
    const { id } = await start(set, preparer);
    await expect(cancelResolution(auditor, { entityId: "E1", id }, context(set))).rejects.toThrow(/may not/);
    await cancelResolution(preparer, { entityId: "E1", id }, context(set));
    const again = await start(set, preparer);
    await decideResolution(
      reviewer,
      { entityId: "E1", id: again.id, approve: false, why: "not this month" },
      { now: now(), pool: database.ownerPool },
    );
    expect(await attemptOf(again.id)).toMatchObject({ state: "rejected", decided_by: reviewer.name });
    await database.ownerPool.query("DELETE FROM resolution_limit");
  });
});

async function makeOther(role: Actor["grants"][number]["role"]): Promise<Actor> {
  const { rows } = await database.ownerPool.query<{ id: string }>(
    `INSERT INTO "user" (id, email, name, password_hash) VALUES (gen_random_uuid(), 'other-' || gen_random_uuid() || '@example.test', 'Other', '-') RETURNING id`,
  );
  return { id: rows[0]?.id ?? "", email: "", name: "Other", grants: [{ role, entityId: "E1" }], demo: false };
}

describe("many at once", () => {
  it("are planned, measured together, approved, sent, and each has its result", async () => {
    const worlds = createWorlds(now, (kind) =>
      kind === "post" && worlds.documents.length === 1 ? "refuses" : "answers",
    );
    const sets: Set[] = [];
    for (let index = 0; index < 5; index += 1)
      sets.push(await given("sale-missing-in-erp", undefined, worlds));
    const selection = { by: "exceptions" as const, ids: sets.map((one) => one.exceptionId) };
    const begun = await startBatch(
      preparer,
      { entityId: "E1", code: "post-missing-sale", selection },
      context({ worlds }),
    );
    // 5 × 119.00 are more than one person may send alone.
    expect(begun).toMatchObject({ count: 5, state: "asked" });
    await runBatch(begun.batchId, surroundings({ worlds }));
    expect(worlds.effects).toEqual([]);
    const decision = { entityId: "E1", id: begun.batchId, approve: true, why: "" };
    await expect(decideBatch(preparer, decision, context({ worlds }))).rejects.toThrow(/may not approve/);
    await decideBatch(reviewer, decision, context({ worlds }));
    await runBatch(begun.batchId, surroundings({ worlds }));
    const { rows } = await database.ownerPool.query(
      "SELECT state, count(*)::int AS n FROM resolution_attempt WHERE batch_id = $1 GROUP BY 1 ORDER BY 1",
      [begun.batchId],
    );
    expect(rows.reduce((sum: number, row) => sum + row.n, 0)).toBe(5);
    expect(
      rows.map((row) => row.state).every((state: string) => state === "proved" || state === "reopened"),
    ).toBe(true);
    expect(new Set(worlds.effects).size).toBe(worlds.effects.length);
    expect(
      (await database.ownerPool.query("SELECT state FROM resolution_batch WHERE id = $1", [begun.batchId]))
        .rows,
    ).toEqual([{ state: "done" }]);
    await expect(
      startBatch(auditor, { entityId: "E1", code: "post-missing-sale", selection }, context({ worlds })),
    ).rejects.toThrow(/may not/);
  });

  it("are counted before anything is begun: sent, by hand, left out, and who decides", async () => {
    const worlds = createWorlds(now, () => "answers");
    const sets: Set[] = [];
    for (let index = 0; index < 3; index += 1)
      sets.push(await given("sale-missing-in-erp", undefined, worlds));
    const [busy] = sets;
    if (!busy) throw new Error("none");
    await start(busy);
    const selection = { by: "exceptions" as const, ids: sets.map((one) => one.exceptionId) };
    const asked = { entityId: "E1", code: "post-missing-sale", selection };
    expect(await foreseeBatch(auditor, asked, context({ worlds }))).toMatchObject({
      ...{ asked: 3, sent: 2, byHand: 0, second: null },
      leftOut: [{ reason: "It is being put right already.", count: 1 }],
      worths: [{ currency: "EUR", minor: 23_800n }],
    });
    Object.assign(worlds.ledger, { lacks: () => "Nothing is posted through this connection." });
    expect(await foreseeBatch(auditor, asked, context({ worlds }))).toMatchObject({
      ...{ sent: 0, byHand: 2 },
      byHandWhy: [{ reason: "Nothing is posted through this connection.", count: 2 }],
    });
    expect(worlds.effects).toEqual([]);
  });

  it("are stopped at once: what is not sent yet is left, and goes on when it is resumed", async () => {
    let batchId = "";
    let isStopped = false;
    const worlds = createWorlds(now, () => "answers");
    const { advance } = worlds.ledger;
    Object.assign(worlds.ledger, {
      advance: async (...asked: Parameters<typeof advance>) => {
        if (!isStopped) {
          isStopped = true;
          await stopBatch(preparer, { entityId: "E1", id: batchId }, context({ worlds }));
        }
        return advance(...asked);
      },
    });
    const sets: Set[] = [];
    for (let index = 0; index < 12; index += 1) sets.push(await given("tax-code-missing", undefined, worlds));
    await database.ownerPool.query(
      `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by)
       VALUES ('E1', 'set-tax-code', 'EUR', 10000000, $1, 'somebody', 'Somebody')`,
      [now()],
    );
    const selection = { by: "exceptions" as const, ids: sets.map((one) => one.exceptionId) };
    const begun = await startBatch(
      preparer,
      { entityId: "E1", code: "set-tax-code", selection },
      context({ worlds }),
    );
    batchId = begun.batchId;
    await runBatch(batchId, surroundings({ worlds }));
    const states = async () => {
      const { rows } = await database.ownerPool.query<{ state: string; n: number }>(
        "SELECT state, count(*)::int AS n FROM resolution_attempt WHERE batch_id = $1 GROUP BY 1",
        [batchId],
      );
      return Object.fromEntries(rows.map((row) => [row.state, row.n]));
    };
    // Four are sent at the same time: no more than these were begun.
    const { proved = 0, claimed = 0 } = await states();
    expect(proved).toBeGreaterThan(0);
    expect(proved).toBeLessThanOrEqual(4);
    expect(proved + claimed).toBe(12);
    await resumeBatch(preparer, { entityId: "E1", id: batchId }, context({ worlds }));
    await runBatch(batchId, surroundings({ worlds }));
    expect(await states()).toEqual({ proved: 12 });
    await database.ownerPool.query("DELETE FROM resolution_limit");
  });
});
