import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import type { Actor } from "./actor";
import { recordRefusedCommand } from "./refused-command";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.ownerPool.query(
    "INSERT INTO entity (id, name, currency, time_zone) VALUES ('EU', 'EU', 'EUR', 'UTC'), ('UK', 'UK', 'GBP', 'UTC')",
  );
});
afterAll(() => database.close());

const clerkOf = (entityId: string | null): Actor => ({
  ...{ id: "1", name: "Lea", email: "lea@example.com", demo: false },
  grants: [{ role: "customer-service", entityId }],
});

it.each([
  ["of the entity it names", clerkOf("EU"), { entityId: "EU", exceptionId: "a" }, "EU", "a"],
  ["of any entity, for a right to all", clerkOf(null), { entityId: "UK", orderKey: "b" }, "UK", "b"],
  ["of no entity that the person has no right to", clerkOf("EU"), { entityId: "UK", id: "c" }, "*", "c"],
  ["of no entity that does not exist", clerkOf(null), { entityId: "MADE-UP" }, "*", "MADE-UP"],
  ["of no entity when none is named", clerkOf("EU"), "nonsense", "*", "-"],
])("keeps a refused command in the chain %s", async (_, actor, input, chain, subject) => {
  await recordRefusedCommand(actor, new Refusal("not-allowed", "You may not."), "exceptions.assign", input);
  const { rows } = await database.ownerPool.query(
    `SELECT chain, action, outcome, after FROM audit_event WHERE subject = $1 ORDER BY at DESC LIMIT 1`,
    [subject],
  );
  expect(rows).toEqual([
    {
      chain,
      action: "exceptions.assign",
      outcome: "refused",
      after: { code: "not-allowed", reason: "You may not." },
    },
  ]);
});

it.each([
  ["period.sign", { entityId: "EU", month: "2026-10", hash: "x" }, "period:EU/2026-10"],
  ["period.reconcile", { entityId: "EU", period: "2026-10" }, "period:EU/2026-10"],
  [
    "period.decide-reopening",
    { entityId: "EU", id: "11111111-1111-4111-8111-111111111111" },
    "period:EU/2026-09",
  ],
  ["close-task.mark", { entityId: "EU", month: "2026-10", templateId: "t1" }, "close-task:EU/2026-10/t1"],
  ["journal.propose", { entityId: "EU", month: "2026-10" }, "period:EU/2026-10"],
])("records a refused %s under what was attempted, with its month", async (action, input, subject) => {
  await database.ownerPool.query(
    `INSERT INTO period_reopening (id, entity_id, month, lock_no, reason, hours, asked_at, asked_by_id, asked_by)
     VALUES ('11111111-1111-4111-8111-111111111111', 'EU', '2026-09', 1, 'x', 1, now(), 'a', 'A') ON CONFLICT DO NOTHING`,
  );
  await recordRefusedCommand(
    clerkOf("EU"),
    new Refusal("not-allowed", "You may not sign it."),
    action,
    input,
  );
  const { rows } = await database.ownerPool.query(
    "SELECT chain, action, subject, after FROM audit_event WHERE action = $1 AND outcome = 'refused' ORDER BY seq DESC LIMIT 1",
    [action],
  );
  expect(rows).toMatchObject([
    {
      chain: "EU",
      action,
      subject,
      after: { reason: "You may not sign it.", month: /\d{4}-\d{2}/.exec(subject)?.[0] },
    },
  ]);
});

it("looks nothing up of an entity that the person has no right to", async () => {
  await recordRefusedCommand(
    clerkOf("UK"),
    new Refusal("not-allowed", "You may not."),
    "period.decide-reopening",
    { entityId: "EU", id: "11111111-1111-4111-8111-111111111111" },
  );
  const { rows } = await database.ownerPool.query(
    "SELECT subject, after FROM audit_event WHERE chain = '*' AND action = 'period.decide-reopening' ORDER BY seq DESC LIMIT 1",
  );
  expect(rows).toEqual([
    {
      subject: "11111111-1111-4111-8111-111111111111",
      after: { code: "not-allowed", reason: "You may not." },
    },
  ]);
});
