import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { allAtCutOff, feedAtCutOff } from "@/lib/domain/cut-off";
import { findCutOff } from "./data-cut-off";
import { setCutOff } from "./mutations-cut-off";

const now = new Date("2026-11-10T12:00:00Z");
let database: TestDatabase;
const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql)).rows;

beforeAll(async () => {
  database = await createTestDatabase();
  await rows(
    `INSERT INTO entity (id, name, currency, time_zone) VALUES ('MODA', 'Moda', 'EUR', 'Europe/Berlin')`,
  );
  await rows(`INSERT INTO connection (id, entity_id, kind, side, name, settings, capabilities)
    VALUES ('00000000-0000-4000-8000-000000000001', 'MODA', 'scayle', 'scayle', 'SCAYLE', '{}', '{}')`);
  await rows(`INSERT INTO feed (id, connection_id, entity_id, resource, confirmed_until)
    VALUES ('MODA/orders', '00000000-0000-4000-8000-000000000001', 'MODA', 'orders', '2026-11-02T12:00:00Z')`);
  await rows(
    `INSERT INTO "user" (id, email, name, password_hash) VALUES ('00000000-0000-4000-8000-0000000000aa', 'r@example.com', 'Rosa', 'x')`,
  );
});
afterAll(() => database.close());
beforeEach(async () => {
  await rows("DELETE FROM period_cut_off");
  await rows("UPDATE entity SET cut_off_hours = NULL");
});

const actor = (role: Role): Actor => ({
  id: "00000000-0000-4000-8000-0000000000aa",
  name: "Rosa",
  email: "r@example.com",
  grants: [{ role, entityId: null }],
  demo: false,
});
const set = (role: Role, month: string | null, hours: number | null) =>
  setCutOff(actor(role), { entityId: "MODA", month, hours, reason: "The auditors asked for it" }, now);

describe("the cut-off of a month", () => {
  it("is as long after midnight of its end, where the books are kept, as the ERP takes to post", async () => {
    const cutOff = await findCutOff("MODA", "2026-10", now);
    expect(cutOff).toMatchObject({ hours: 72, from: "posting lag", at: new Date("2026-11-03T23:00:00Z") });
    expect((await findCutOff("MODA", "2026-07", now))?.at).toEqual(new Date("2026-08-03T22:00:00Z"));
    expect(await findCutOff("NOBODY", "2026-10", now)).toBeNull();
  });

  it("may be set by finance for every month or for one, with a reason, on record", async () => {
    await set("finance-reviewer", null, 48);
    await set("finance-reviewer", "2026-10", 24);
    expect(await findCutOff("MODA", "2026-10", now)).toMatchObject({
      hours: 24,
      from: "month",
      setBy: "Rosa",
      feeds: [{ id: "MODA/orders", state: "current" }],
    });
    expect(await findCutOff("MODA", "2026-09", now)).toMatchObject({ hours: 48, from: "entity" });
    await set("finance-reviewer", "2026-10", null);
    // Confirmed up to noon of the 2nd: not up to the end of that day.
    expect(await findCutOff("MODA", "2026-10", now)).toMatchObject({
      hours: 48,
      feeds: [{ state: "behind" }],
    });
    const audit = await rows(
      "SELECT count(*)::int AS n FROM audit_event WHERE action = 'cut-off.set' AND outcome = 'done'",
    );
    expect(audit).toEqual([{ n: 3 }]);
  });

  it("is not set by those who may not, nor on a month that is closed", async () => {
    await expect(set("operations", "2026-10", 1)).rejects.toThrow("set the cut-off of a month");
    await rows("INSERT INTO period (entity_id, month, state) VALUES ('MODA', '2026-08', 'closed')");
    await expect(set("administrator", "2026-08", 1)).rejects.toThrow("closed");
  });
});

describe("a feed at a cut-off", () => {
  const cutOff = new Date("2026-11-03T23:00:00Z");
  it("is current once an answer was confirmed up to it; before it nobody can be, after it nobody is excused", () => {
    expect(feedAtCutOff(cutOff, cutOff, now)).toBe("current");
    expect(feedAtCutOff(new Date(cutOff.getTime() - 1), cutOff, now)).toBe("behind");
    expect(feedAtCutOff(null, cutOff, new Date(cutOff.getTime() - 1))).toBe("to-come");
    expect(allAtCutOff(["current", "to-come", "behind"])).toBe("behind");
    expect(allAtCutOff(["current", "to-come"])).toBe("to-come");
    expect(allAtCutOff([])).toBe("current");
  });
});
