import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { idOf, orderKeyOf } from "@/lib/domain/identity";
import { runReconciliation } from "@/lib/matching/reconcile";
import { order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeOrders } from "@/lib/sync/store/orders";
import { answerQuestion, askQuestion, findQuestionOf, findQuestions, findQuestionsOf } from "./questions";
import { findMasked, revealCustomer } from "./reveal";

let database: TestDatabase;
let orderKey: string;
const now = new Date("2026-11-10T09:00:00Z");
const actor = (name: string, role: Role, entityId: string | null = null): Actor => ({
  id: idOf("user", name),
  name,
  email: `${name}@example.com`,
  grants: [{ role, entityId }],
  demo: false,
});
const chris = actor("Chris", "customer-service");
const ralf = actor("Ralf", "finance-reviewer");
const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;

beforeAll(async () => {
  database = await createTestDatabase();
  const { orders } = await prepare(database.ownerPool);
  orderKey = orderKeyOf(orders.connectionId, "1001");
  const data = {
    customer: { firstName: "Anna", lastName: "Adler", email: "anna@example.com", phone: "040 123456" },
    address: { shipping: { street: "Am Hafen", houseNumber: "3", zipCode: "20457", city: "Hamburg" } },
  };
  await inTransaction(database.ownerPool, (client) =>
    storeOrders(client, orders, [{ ...reading(order()), personal: { customerKey: "c1", data } }]),
  );
});
afterAll(() => database.close());

const context = () => ({ now, pool: database.ownerPool });
const asking = (note: string) =>
  askQuestion(chris, { entityId: "E1", orderKey, team: "operations", note }, context());

describe("a question about an order", () => {
  it("is an exception of whom it is put to, stays through reconciliations, and closes with its answer", async () => {
    await asking("The customer misses a parcel.");
    const exceptions = () =>
      rows(
        "SELECT id, cause, state, owner_team, explanation, due::text, gross FROM exception WHERE cause = 'question'",
      );
    const [raised] = await exceptions();
    expect(raised).toMatchObject({
      ...{ state: "new", owner_team: "operations", gross: 0n },
      explanation: "Chris asks: The customer misses a parcel.",
      due: "2026-11-17",
    });
    await runReconciliation(
      { entityId: "E1" },
      { pool: database.ownerPool, now: () => now, signal: new AbortController().signal, actorName: "test" },
    );
    expect((await exceptions())[0]).toMatchObject({ id: raised?.["id"], state: "new" });
    expect(await findQuestionsOf(database.appPool, ["E1"], chris.id, now)).toMatchObject([
      { order: "DE-1001", team: expect.stringMatching(/operations/i), answer: null, due: "2026-11-17" },
    ]);

    const answering = { entityId: "E1", exceptionId: String(raised?.["id"]), answer: "It is at the depot." };
    await answerQuestion(ralf, answering, context());
    expect((await exceptions())[0]).toMatchObject({ state: "resolved" });
    expect(await findQuestions(database.appPool, ["E1"], orderKey)).toMatchObject([
      { answer: "It is at the depot.", answeredBy: "Ralf", answeredAt: now },
    ]);
    // Whoever opens the exception that it was reads both.
    expect(await findQuestionOf(database.appPool, "E1", answering.exceptionId)).toMatchObject({
      note: expect.any(String),
      answer: "It is at the depot.",
    });
    expect(await findQuestionOf(database.appPool, "E2", answering.exceptionId)).toBeNull();
    await expect(answerQuestion(ralf, answering, context())).rejects.toThrow("Ralf has answered it already.");
    expect(
      await rows("SELECT action, actor_name FROM audit_event WHERE action LIKE 'question.%' ORDER BY seq"),
    ).toEqual([
      { action: "question.ask", actor_name: "Chris" },
      { action: "question.answer", actor_name: "Ralf" },
    ]);
  });

  it("is asked once, of an order that is there, by who may, and answered by who may", async () => {
    await asking("Where is the credit note?");
    await expect(asking("Where is the credit note?")).rejects.toMatchObject({ code: "conflict" });
    const gone = { entityId: "E1", orderKey: idOf("none"), team: "finance", note: "What is it?" } as const;
    await expect(askQuestion(chris, gone, context())).rejects.toMatchObject({ code: "not-found" });
    const auditor = actor("Ada", "auditor");
    await expect(askQuestion(auditor, { ...gone, orderKey }, context())).rejects.toMatchObject({
      code: "not-allowed",
    });
    const answering = { entityId: "E1", exceptionId: idOf("none"), answer: "Yes." };
    await expect(answerQuestion(chris, answering, context())).rejects.toMatchObject({ code: "not-allowed" });
    await expect(answerQuestion(ralf, answering, context())).rejects.toMatchObject({ code: "not-found" });
    const elsewhere = actor("Lena", "customer-service", "E2");
    await expect(askQuestion(elsewhere, { ...gone, orderKey }, context())).rejects.toMatchObject({
      code: "not-allowed",
    });
  });
});

describe("a customer's data", () => {
  it("is masked, and shown in full with a reason that is recorded, and never what was seen", async () => {
    expect(await findMasked(database.appPool, ["E1"], orderKey)).toEqual({
      erased: false,
      personal: {
        ...{ name: "A••• A•••", email: "a•••@e•••", phone: "••• 56" },
        address: ["A••• H••• 3•••", "2••• H•••"],
      },
    });
    expect(await findMasked(database.appPool, ["E2"], orderKey)).toEqual({ erased: false, personal: null });
    const asked = { entityId: "E1", orderKey, reason: "The customer is on the line" };
    expect(await revealCustomer(chris, asked, { now, pool: database.appPool })).toMatchObject({
      name: "Anna Adler",
      email: "anna@example.com",
    });
    await expect(revealCustomer(ralf, asked, { now, pool: database.appPool })).rejects.toMatchObject({
      code: "not-allowed",
    });
    const trail = await rows(
      "SELECT actor_name, after, subject FROM audit_event WHERE action = 'customer.reveal'",
    );
    expect(trail).toEqual([
      // The order by the name that people know, beside its key.
      {
        actor_name: "Chris",
        after: { order: "DE-1001", reason: "The customer is on the line" },
        subject: `order:${orderKey}`,
      },
    ]);
    expect(
      JSON.stringify(await rows("SELECT * FROM audit_event"), (_, value) => String(value)),
    ).not.toContain("Adler");
  });
});
