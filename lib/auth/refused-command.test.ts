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
