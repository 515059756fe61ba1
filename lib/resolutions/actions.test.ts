import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { prepare } from "@/lib/sync/store/fixtures";
import { decide, decideMany, saveLimit, start, startMany, undo } from "./actions";
import { startBatch } from "./batches";
import { contextsOf } from "./context";
import { isPlan } from "./contract";
import { contextOver, createWorlds, plant, readWorlds } from "./fixtures";
import { planAnew, startResolution, writtenOf } from "./mutations";
import { basisOfPlan } from "./preview";

/*
 * The server actions themselves, as a browser or anything else that speaks to them calls them: who is signed in is all that
 * is put in their place. What nobody may do is refused, whatever the page would have offered, and the trail says so.
 */

const session = vi.hoisted(() => ({ now: null as { userId: string; tokenVersion: number } | null }));
vi.mock("next-auth", () => ({ getServerSession: async () => session.now }));
vi.mock("next/headers", () => ({ headers: async () => new Headers() }));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));
vi.mock("next/navigation", () => {
  const ends = (how: string) => () => {
    throw new Error(how);
  };
  return { forbidden: ends("forbidden"), notFound: ends("not found"), redirect: ends("redirected") };
});

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let clock = Date.parse("2026-11-02T08:00:00Z");
const now = () => new Date(clock);
const worlds = createWorlds(now, () => "answers");
const people: Record<string, Actor> = {};
let nextId = 9000;

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] ||= "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
  const pool = database.ownerPool;
  contexts = await prepare(pool);
  await pool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at, confirmed_by)
     VALUES (gen_random_uuid(), 'E1', 'DE', '*', 0.19, 'VAT19', now(), 'test')`,
  );
  people["preparer"] = await makeUser(pool, "finance-preparer", "E1");
  people["reviewer"] = await makeUser(pool, "finance-reviewer", "E1");
  people["administrator"] = await makeUser(pool, "administrator", null);
  people["auditor"] = await makeUser(pool, "auditor", null);
  people["service"] = await makeUser(pool, "customer-service", null);
  // Whatever is sent needs somebody else's approval.
  await pool.query(
    `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by)
     VALUES ('E1', 'post-missing-sale', 'EUR', 100, $1, 'somebody', 'Somebody')`,
    [now()],
  );
});
afterAll(() => database.close());
beforeEach(() => {
  session.now = null;
});

const person = (name: string): Actor => {
  const actor = people[name];
  if (!actor) throw new Error(`nobody is ${name}`);
  return actor;
};
const signIn = (name: string): void => {
  session.now = { userId: person(name).id, tokenVersion: 0 };
};
/** Gives somebody one more role, as an administrator would. */
const grant = (name: string, role: Role) =>
  database.ownerPool.query(
    `INSERT INTO "grant" (id, user_id, role, entity_id) VALUES (gen_random_uuid(), $1::uuid, $2, 'E1')`,
    [person(name).id, role],
  );

const surroundings = () =>
  contextOver(worlds, contexts, { pool: database.ownerPool, reading: database.ownerPool, now });
const context = () => ({ now: now(), pool: database.ownerPool, writers: surroundings().writers });

/** An order whose sale is missing in the ERP, and what would be sent for it. */
async function missingSale() {
  nextId += 1;
  clock += 1000;
  const id = String(nextId);
  plant(worlds, id, "sale-missing-in-erp");
  await readWorlds(worlds, contexts, database.ownerPool, [id], now());
  const orderKey = orderKeyOf(contexts.orders.connectionId, id);
  await runReconciliation(
    { entityId: "E1", orderKeys: [orderKey] },
    { actorName: "test", now, pool: database.ownerPool },
  );
  const { rows } = await database.ownerPool.query<{ id: string }>(
    "SELECT id FROM exception WHERE order_key = $1 AND cause = 'sale-missing-in-erp'",
    [orderKey],
  );
  const exceptionId = rows[0]?.id ?? "";
  const found = await contextsOf(database.ownerPool, "E1", [{ orderKey, id: exceptionId }], now());
  const one = found.get(exceptionId);
  const plan = one ? writtenOf("post-missing-sale").plan(one) : null;
  if (!plan || !isPlan(plan)) throw new Error("no plan");
  return { id, orderKey, exceptionId, basis: basisOfPlan("post-missing-sale", plan) };
}

async function asked(by: string) {
  const set = await missingSale();
  const { id, state } = await startResolution(
    person(by),
    { entityId: "E1", exceptionId: set.exceptionId, code: "post-missing-sale", basis: set.basis },
    context(),
  );
  expect(state).toBe("asked");
  return { ...set, attemptId: id };
}

const approval = (id: string) => ({ entityId: "E1", id, approve: true, why: "" });

/** That an answer refused, that the trail has it as refused with who it was and why, and that nothing was decided. */
async function expectRefused(
  answer: Awaited<ReturnType<typeof decide>> | Awaited<ReturnType<typeof startMany>>,
  who: string,
  subject: string,
  reason: RegExp,
) {
  expect(answer?.data).toBeUndefined();
  expect(answer?.serverError?.code).toBe("not-allowed");
  expect(answer?.serverError?.message).toMatch(reason);
  const { rows } = await database.ownerPool.query(
    "SELECT actor_id, outcome, after FROM audit_event WHERE subject = $1 AND outcome = 'refused' ORDER BY at DESC, seq DESC LIMIT 1",
    [subject],
  );
  expect(rows[0]).toMatchObject({ actor_id: person(who).id, outcome: "refused" });
  expect(rows[0].after.reason).toMatch(reason);
}

const stateOf = async (id: string): Promise<string> =>
  (await database.ownerPool.query("SELECT state FROM resolution_attempt WHERE id = $1", [id])).rows[0].state;

describe("approving what is sent", () => {
  it("is refused to whoever asked, also by a second role", async () => {
    const { attemptId } = await asked("preparer");
    signIn("preparer");
    await expectRefused(await decide(approval(attemptId)), "preparer", attemptId, /may not approve/);
    await grant("preparer", "finance-reviewer");
    await expectRefused(
      await decide(approval(attemptId)),
      "preparer",
      attemptId,
      /You asked for it yourself/,
    );
    expect(await stateOf(attemptId)).toBe("asked");
    await database.ownerPool.query(
      `DELETE FROM "grant" WHERE user_id = $1::uuid AND role = 'finance-reviewer'`,
      [person("preparer").id],
    );
  });

  it("is refused to an administrator who asked", async () => {
    const { attemptId } = await asked("administrator");
    signIn("administrator");
    await expectRefused(
      await decide(approval(attemptId)),
      "administrator",
      attemptId,
      /You asked for it yourself/,
    );
    expect(await stateOf(attemptId)).toBe("asked");
  });

  it("is refused to who had it planned anew last", async () => {
    const { attemptId, id, orderKey } = await asked("preparer");
    const held = worlds.orders.get(id);
    if (!held) throw new Error("no order");
    worlds.orders.set(id, {
      ...held,
      items: held.items.map((one) => ({ ...one, gross: 23_800n, net: 20_000n, tax: 3_800n })),
      updatedAt: now(),
    });
    clock += 1000;
    await surroundings().readBack("E1", [orderKey], { kind: "machine", id: "test", name: "test" });
    await planAnew(person("reviewer"), { entityId: "E1", id: attemptId }, context());
    signIn("reviewer");
    await expectRefused(await decide(approval(attemptId)), "reviewer", attemptId, /You had it planned anew/);
    expect(await stateOf(attemptId)).toBe("asked");
  });

  it("of many is refused to who asked, and to who had one of them planned anew", async () => {
    const sets = [await missingSale(), await missingSale()];
    const selection = { by: "exceptions" as const, ids: sets.map((one) => one.exceptionId) };
    const { batchId } = await startBatch(
      person("administrator"),
      { entityId: "E1", code: "post-missing-sale", selection },
      context(),
    );
    signIn("administrator");
    await expectRefused(
      await decideMany(approval(batchId)),
      "administrator",
      batchId,
      /You asked for them yourself/,
    );
    await database.ownerPool.query(
      "UPDATE resolution_attempt SET edited_by_id = $2, edited_by = 'Reviewer' WHERE batch_id = $1 AND exception_id = $3",
      [batchId, person("reviewer").id, sets[0]?.exceptionId],
    );
    signIn("reviewer");
    await expectRefused(
      await decideMany(approval(batchId)),
      "reviewer",
      batchId,
      /You had one of them planned anew/,
    );
    // One of many is not decided on by itself either.
    const { rows } = await database.ownerPool.query<{ id: string }>(
      "SELECT id FROM resolution_attempt WHERE batch_id = $1 LIMIT 1",
      [batchId],
    );
    const single = await decide(approval(rows[0]?.id ?? ""));
    expect(single?.serverError?.message).toMatch(/decide on all of them together/);
    expect(await stateOf(rows[0]?.id ?? "")).toBe("asked");
  });

  it("is not avoided by a limit of one’s own", async () => {
    signIn("administrator");
    const saved = await saveLimit({
      ...{ entityId: "E1", code: "post-missing-sale", currency: "EUR", amount: "99999.00" },
    });
    expect(saved?.serverError).toBeUndefined();
    const { attemptId } = await asked("administrator");
    await expectRefused(
      await decide(approval(attemptId)),
      "administrator",
      attemptId,
      /You asked for it yourself/,
    );
  });

  it("is a second person’s, who then can’t decide again", async () => {
    await database.ownerPool.query("UPDATE resolution_limit SET minor = 100, set_by_id = 'somebody'");
    const { attemptId } = await asked("preparer");
    signIn("reviewer");
    expect((await decide(approval(attemptId)))?.data).toEqual({ approved: true });
    expect(await stateOf(attemptId)).toBe("claimed");
    const again = await decide(approval(attemptId));
    expect(again?.serverError).toMatchObject({ code: "conflict" });
    const { rows } = await database.ownerPool.query(
      "SELECT action, outcome FROM audit_event WHERE after ->> 'reason' LIKE '%decided on already%' OR action = 'resolution.approve' ORDER BY seq",
    );
    expect(rows).toEqual(
      expect.arrayContaining([
        { action: "resolution.approve", outcome: "done" },
        { action: "resolutions.approve", outcome: "refused" },
      ]),
    );
  });
});

describe("sending", () => {
  it.each(["auditor", "service"])("is refused to the %s, one or many, and so is taking back", async (who) => {
    const { exceptionId, basis } = await missingSale();
    signIn(who);
    const one = await start({ entityId: "E1", exceptionId, code: "post-missing-sale", basis });
    await expectRefused(one as never, who, exceptionId, /You may not put exceptions right/);
    const many = await startMany({
      ...{ entityId: "E1", code: "post-missing-sale", selection: { by: "exceptions", ids: [exceptionId] } },
    });
    await expectRefused(many, who, "E1", /You may not put exceptions right/);
    const attemptId = exceptionId;
    const back = await undo({ entityId: "E1", id: attemptId, basis });
    await expectRefused(back as never, who, attemptId, /You may not put exceptions right/);
  });

  it("is refused to who is not signed in", async () => {
    const { exceptionId, basis } = await missingSale();
    const one = await start({ entityId: "E1", exceptionId, code: "post-missing-sale", basis });
    expect(one?.serverError?.code).toBe("not-signed-in");
  });

  it("of an entity that one has no right to is refused", async () => {
    const { exceptionId, basis } = await missingSale();
    await database.ownerPool.query(
      "INSERT INTO entity (id, name, currency, time_zone) VALUES ('E2', 'E2', 'EUR', 'UTC')",
    );
    people["stranger"] = await makeUser(database.ownerPool, "operations", "E2");
    signIn("stranger");
    const one = await start({ entityId: "E1", exceptionId, code: "post-missing-sale", basis });
    expect(one?.serverError?.code).toBe("not-allowed");
    const { rows } = await database.ownerPool.query(
      "SELECT chain, outcome FROM audit_event WHERE subject = $1 AND actor_id = $2",
      [exceptionId, person("stranger").id],
    );
    expect(rows).toEqual([{ chain: "*", outcome: "refused" }]);
  });
});
