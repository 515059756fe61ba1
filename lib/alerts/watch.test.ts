import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyChain } from "@/lib/audit/verify";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeException, makeUser } from "@/lib/exceptions/fixtures";
import { prepare } from "@/lib/sync/store/fixtures";
import { countAlerts, listAlerts } from "./data";
import { countAll, openAlerts } from "./fixtures";
import { OWN_MOST } from "./large-exception";
import { acknowledgeAlerts, saveAlertRule } from "./mutations";
import { alertKinds } from "./registry";
import { watchAlerts } from "./watch";

let database: TestDatabase;
let operations: Actor;
let service: Actor;
let auditor: Actor;
let admin: Actor;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepare(database.ownerPool);
  operations = await makeUser(database.ownerPool, "operations", null);
  service = await makeUser(database.ownerPool, "customer-service", null);
  auditor = await makeUser(database.ownerPool, "auditor", null);
  admin = await makeUser(database.ownerPool, "administrator", null);
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [
    "alert",
    "alert_rule",
    "exception",
    "root_cause",
    "root_cause_amount",
    "feed",
    "run",
    "period",
  ])
    await database.ownerPool.query(`DELETE FROM "${table}"`);
});

const OTHER = "3f2a7f0e-6f57-4f0b-9d55-0a8f64b1c001";
const NOON = new Date("2026-11-10T12:00:00Z");
const later = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000);
const run = (sql: string, values: unknown[] = []) => database.ownerPool.query(sql, values);
const watch = (now: Date) => watchAlerts(database.ownerPool, "E1", now);
const open = () => openAlerts(database.ownerPool, "E1");

const feed = (confirmed: Date | null, changes: Readonly<{ held?: string }> = {}) =>
  run(
    `INSERT INTO feed (id, connection_id, entity_id, resource, interval_seconds, promise_seconds, confirmed_until, held_at, held_reason, created_at)
     SELECT 'E1/orders', id, 'E1', 'orders', 900, 3600, $1, $2, $3, $4 FROM connection WHERE side = 'scayle'`,
    [confirmed, changes.held ? NOON : null, changes.held ?? null, later(-100_000)],
  );
const confirm = (at: Date) => run("UPDATE feed SET confirmed_until = $1", [at]);

describe("a feed behind", () => {
  it("opens at 150 % of its promise, stays until it is within it, and says who does what first", async () => {
    await feed(later(-80));
    expect(await watch(NOON)).toEqual({ opened: 0, closed: 0 });
    expect(await watch(later(10))).toEqual({ opened: 1, closed: 0 });
    const [alert] = await open();
    expect(alert).toMatchObject({
      kind: "feed-behind",
      subject: "feed:E1/orders",
      owner_team: "operations",
      title: "Behind: Orders",
      href: "/feeds/feed?id=E1%2Forders",
    });
    expect(alert?.first_action).not.toBe("");
    // 20 min later it is at 61 min of 60: between the bounds, and nothing is said anew.
    await confirm(later(-41));
    expect(await watch(later(20))).toEqual({ opened: 0, closed: 0 });
    await confirm(later(20));
    expect(await watch(later(21))).toEqual({ opened: 0, closed: 1 });
    expect(await open()).toEqual([]);
  });

  it("is said of a feed that is held, however young its answer is", async () => {
    await feed(NOON, { held: "The password was refused." });
    await watch(NOON);
    expect((await open())[0]?.body).toContain("The password was refused.");
  });

  it("is one, whoever looks and however often, and another when it comes again", async () => {
    await feed(later(-200));
    await Promise.all([watch(NOON), watch(NOON), watch(NOON)]);
    expect(await watch(later(5))).toEqual({ opened: 0, closed: 0 });
    const [first] = await open();
    await confirm(later(6));
    await watch(later(6));
    expect(await watch(later(200))).toEqual({ opened: 1, closed: 0 });
    const [second] = await open();
    expect(second?.id).not.toBe(first?.id);
  });
});

describe("a missed deadline", () => {
  const done = (month: string) =>
    run(
      `INSERT INTO close_template (entity_id, id, position, title, what, owner_team, due_day, set_at, set_by)
       VALUES ('E1', gen_random_uuid(), 0, 'The warehouse has reported', 'It says so.', 'operations', 1, $1, 'Rosa') RETURNING id`,
      [NOON],
    ).then(({ rows }) => ({ id: rows[0].id as string, month }));

  it("names the late tasks of a month and team, and closes when they are done", async () => {
    await run("INSERT INTO period (entity_id, month, state) VALUES ('E1', '2026-10', 'open')");
    const { id } = await done("2026-10");
    await watch(new Date("2026-11-02T12:00:00Z"));
    expect(await open()).toEqual([]);
    await watch(NOON);
    expect(await open()).toMatchObject([
      {
        kind: "missed-deadline",
        subject: "tasks:2026-10/operations",
        owner_team: "operations",
        title: "Late in the close of October 2026: The warehouse has reported",
        href: "/close/2026-10?entity=E1",
      },
    ]);
    await run(
      "INSERT INTO close_task (entity_id, month, template_id, done_at, done_by_id, done_by) VALUES ('E1', '2026-10', $1, $2, 'x', 'Omar')",
      [id, NOON],
    );
    expect(await watch(later(5))).toEqual({ opened: 0, closed: 1 });
    await run("DELETE FROM close_task");
    await run("DELETE FROM close_template");
  });

  it("names the feeds that are not confirmed up to a cut-off that has passed", async () => {
    await run("INSERT INTO period (entity_id, month, state) VALUES ('E1', '2026-10', 'open')");
    await run(
      `INSERT INTO close_template (entity_id, id, position, title, what, owner_team, due_day, retired_at, set_at, set_by)
       VALUES ('E1', gen_random_uuid(), 0, 'None', '', 'finance', 1, $1, $1, 'Rosa')`,
      [NOON],
    );
    await feed(new Date("2026-10-30T00:00:00Z"));
    await watch(NOON);
    expect((await open()).filter((one) => one.kind === "missed-deadline")).toMatchObject([
      { subject: "cut-off:2026-10", owner_team: "operations", body: expect.stringContaining("E1/orders") },
    ]);
    await confirm(NOON);
    await watch(later(5));
    expect(await open()).toEqual([]);
    await run("DELETE FROM close_template");
  });
});

describe("a large exception", () => {
  it("opens at its amount in its own currency, and closes when it is put right", async () => {
    const make = (name: string, gross: bigint, currency = "EUR") =>
      makeException(database.ownerPool, { entityId: "E1", name, gross, currency, cause: "duplicate-in-erp" });
    await make("SMALL", -99_999n);
    const id = await make("LARGE", -100_000n);
    // 1,000 yen have no decimals.
    await make("YEN", 1_000n, "JPY");
    await countAll(database.ownerPool, "E1", NOON);
    await watch(NOON);
    expect((await open()).map((one) => one.title).sort()).toEqual([
      expect.stringMatching(/^1,000 JPY: .+, YEN$/),
      expect.stringMatching(/^1,000\.00 EUR: .+, LARGE$/),
    ]);
    await run("UPDATE exception SET gross = 95000 WHERE id = $1", [id]);
    expect(await watch(later(5))).toEqual({ opened: 0, closed: 0 });
    await run("UPDATE exception SET state = 'resolved' WHERE id = $1", [id]);
    expect(await watch(later(10))).toEqual({ opened: 0, closed: 1 });
  });

  it("has the largest told one by one, and the rest together", async () => {
    for (let n = 0; n < OWN_MOST + 3; n += 1)
      await makeException(database.ownerPool, { entityId: "E1", name: `X${n}`, gross: 200_000n + BigInt(n) });
    await countAll(database.ownerPool, "E1", NOON);
    expect(await watch(NOON)).toEqual({ opened: OWN_MOST + 1, closed: 0 });
    expect((await open()).find((one) => one.subject === "further:EUR")?.body).toContain("3 more");
  });
});

describe("overdue exceptions", () => {
  it("are one alert for a team, which closes half an hour after none is left", async () => {
    const ids = [];
    for (const name of ["A", "B"])
      ids.push(
        await makeException(database.ownerPool, {
          entityId: "E1",
          name,
          team: "operations",
          due: "2026-11-09",
        }),
      );
    await makeException(database.ownerPool, { entityId: "E1", name: "TODAY", due: "2026-11-10" });
    await watch(NOON);
    expect(await open()).toMatchObject([
      {
        subject: "team:operations",
        owner_team: "operations",
        title: "Overdue: 2 exceptions of Operations",
        body: "Operations had to act on them; the oldest was due 9 Nov 2026.",
        href: "/exceptions?entity=E1&owner=operations&due=overdue&state=open",
      },
    ]);
    await run("UPDATE exception SET state = 'accepted' WHERE id = ANY ($1)", [ids]);
    expect(await watch(later(5))).toEqual({ opened: 0, closed: 0 });
    expect(await watch(later(34))).toEqual({ opened: 0, closed: 0 });
    expect(await watch(later(35))).toEqual({ opened: 0, closed: 1 });
  });
});

describe("a cause that comes more often", () => {
  const reconciledFirst = (at: Date) =>
    run(
      `INSERT INTO run (id, kind, entity_id, state, started_at, finished_at, actor_name) VALUES (gen_random_uuid(), 'reconcile', 'E1', 'done', $1, $1, 'x')`,
      [at],
    );
  const found = async (count: number, at: Date, mark: string, cause = "tax-code-missing") => {
    for (let n = 0; n < count; n += 1)
      await makeException(database.ownerPool, {
        entityId: "E1",
        name: `${mark}${n}`,
        cause,
        found: at.toISOString(),
      });
  };
  const DAY = 24 * 60;

  it("is held against its own history, and names what was changed just before", async () => {
    await reconciledFirst(later(-40 * DAY));
    await found(28, later(-10 * DAY), "OLD");
    await found(12, later(-60), "NEW");
    await run(
      `INSERT INTO audit_event (chain, seq, at, actor_kind, actor_id, actor_name, action, subject, outcome, prev_hash, hash)
       VALUES ('E1', 1, $1, 'person', 'r', 'Rosa Reviewer', 'mapping-request.approve', 'mapping-request:1', 'done', '', '')`,
      [later(-DAY)],
    );
    await watch(NOON);
    const [alert] = await open();
    expect(alert).toMatchObject({
      kind: "cause-rate",
      subject: "cause:tax-code-missing",
      owner_team: "finance",
    });
    expect(alert?.title).toMatch(/: 12 × the usual, since a change of 9 Nov 2026$/);
    expect(alert?.body).toContain(
      "12 were found in the last 24 hours; in the 28 days before it was 1.0 a day.",
    );
    expect(alert?.body).toContain("Rosa Reviewer: a change of mappings was approved");
    // A day later they are history: it is over an hour after that.
    await watch(later(DAY + 60));
    expect(await watch(later(DAY + 125))).toEqual({ opened: 0, closed: 1 });
  });

  it("is not said of what is usual, of few, or before there is a history; the first day is none", async () => {
    await reconciledFirst(later(-40 * DAY));
    await found(28 * 5, later(-10 * DAY), "OLD");
    await found(15, later(-60), "NEW");
    await found(9, later(-60), "FEW", "price-wrong");
    await watch(NOON);
    expect(await open()).toEqual([]);
    await run("UPDATE run SET finished_at = $1", [later(-5 * DAY)]);
    await found(40, later(-30), "MANY");
    await watch(NOON);
    expect(await open()).toEqual([]);
  });
});

describe("who sees and acknowledges", () => {
  it("customer service learns that a feed is behind, and of no amount, deadline or cause", async () => {
    await feed(later(-1000));
    await makeException(database.ownerPool, {
      entityId: "E1",
      name: "LARGE",
      gross: 500_000n,
      due: "2026-11-01",
    });
    await countAll(database.ownerPool, "E1", NOON);
    await watch(NOON);
    const asked = { show: "open", page: 1 } as const;
    expect((await listAlerts(service, asked)).alerts.map((one) => one.kind)).toEqual(["feed-behind"]);
    expect((await countAlerts(service)).unacknowledged).toBe(1);
    expect((await listAlerts(service, { ...asked, show: "closed" })).alerts).toEqual([]);
    expect(new Set((await listAlerts(auditor, asked)).alerts.map((one) => one.kind))).toEqual(
      new Set(["feed-behind", "large-exception", "overdue"]),
    );
    const [first] = (await listAlerts(operations, asked)).alerts;
    expect(first?.owner).toMatch(/Operations|Finance/);
  });

  it("lists the largest amount first, and those of a kind or team alone", async () => {
    for (const [name, gross] of [
      ["A", 900_000n],
      ["B", 1_200_000n],
      ["C", 200_000n],
    ] as const)
      await makeException(database.ownerPool, { entityId: "E1", name, gross });
    await countAll(database.ownerPool, "E1", NOON);
    await feed(later(-1000));
    await watch(NOON);
    const asked = { show: "open", page: 1 } as const;
    const titles = async (more: object) =>
      (await listAlerts(auditor, { ...asked, ...more })).alerts.map((one) => one.title.slice(0, 6));
    expect(await titles({ kind: "large-exception" })).toEqual(["12,000", "9,000.", "2,000."]);
    expect(await titles({ team: "operations", kind: "feed-behind" })).toEqual(["Behind"]);
    expect((await listAlerts(auditor, { ...asked, kind: "feed-behind" })).total).toBe(1);
  });

  it("one person acknowledges it, with a record in the trail; others are refused", async () => {
    await feed(later(-1000));
    await watch(NOON);
    const id = (await open())[0]?.id ?? "";
    const input = { alerts: [{ entityId: "E1", id }], note: "I ask the hoster." };
    await expect(acknowledgeAlerts(auditor, input, { now: NOON })).rejects.toMatchObject({
      code: "not-allowed",
    });
    await expect(acknowledgeAlerts(service, input, { now: NOON })).rejects.toMatchObject({
      code: "not-allowed",
    });
    await acknowledgeAlerts(operations, input, { now: NOON });
    await expect(acknowledgeAlerts(admin, input, { now: NOON })).rejects.toMatchObject({ code: "conflict" });
    const { rows } = await run("SELECT action, actor_name, after FROM audit_event WHERE subject = $1", [
      `alert:${id}`,
    ]);
    expect(rows).toMatchObject([
      { action: "alert.acknowledge", actor_name: "operations", after: { note: "I ask the hoster." } },
    ]);
    expect((await countAlerts(operations)).unacknowledged).toBe(0);
    // Acknowledged is not over: it stays, and closes by itself.
    await watch(later(1));
    expect(await open()).toHaveLength(1);
    await confirm(later(2));
    await watch(later(2));
    await expect(acknowledgeAlerts(admin, input, { now: NOON })).rejects.toMatchObject({ code: "conflict" });
  });

  it("one person acknowledges several at once, of any entity, with a record for each; what is over or taken stays as it is", async () => {
    await run(
      `INSERT INTO entity (id, name, currency, time_zone) VALUES ('E0', 'Another', 'EUR', 'UTC') ON CONFLICT DO NOTHING`,
    );
    const { rows: made } = await run(
      `INSERT INTO alert (id, entity_id, kind, subject, title, body, owner_team, first_action, href, opened_at, closed_at, closed_why,
                          acknowledged_at, acknowledged_by)
       SELECT gen_random_uuid(), e, k, 'feed:' || n, 'Alert ' || n, '', 'operations', '', '/feeds', $1, CASE WHEN n = 4 THEN $1::timestamptz END,
              CASE WHEN n = 4 THEN 'It is over.' END, CASE WHEN n = 5 THEN $1::timestamptz END, CASE WHEN n = 5 THEN 'Olga' END
         FROM (VALUES (1, 'E1', 'feed-behind'), (2, 'E0', 'feed-behind'), (3, 'E1', 'overdue'), (4, 'E1', 'feed-behind'), (5, 'E0', 'overdue'))
           AS v(n, e, k) ORDER BY n RETURNING id, entity_id AS "entityId", title`,
      [NOON],
    );
    const alerts = made.map(({ id, entityId }) => ({ id, entityId }));
    const input = { alerts, note: "All mine." };
    const state = async () =>
      (await run("SELECT title, acknowledged_by AS by, note FROM alert ORDER BY title")).rows;
    const before = await state();
    const ofOne = await makeUser(database.ownerPool, "operations", "E1");
    // One that they may not acknowledge, may not see or that is not there: nothing is acknowledged.
    for (const [who, asked, code] of [
      [ofOne, input, "not-allowed"],
      [service, input, "not-allowed"],
      [operations, { ...input, alerts: [...alerts, { id: OTHER, entityId: "E1" }] }, "not-found"],
      [operations, { ...input, alerts: alerts.map(({ id }) => ({ id, entityId: "E1" })) }, "not-found"],
    ] as const)
      await expect(acknowledgeAlerts(who, asked, { now: NOON })).rejects.toMatchObject({ code });
    expect(await state()).toEqual(before);

    expect(await acknowledgeAlerts(operations, input, { now: NOON })).toEqual({ done: 3, left: 2 });
    expect(await state()).toEqual([
      { title: "Alert 1", by: "operations", note: "All mine." },
      { title: "Alert 2", by: "operations", note: "All mine." },
      { title: "Alert 3", by: "operations", note: "All mine." },
      { title: "Alert 4", by: null, note: "" },
      { title: "Alert 5", by: "Olga", note: "" },
    ]);
    const { rows: trail } = await run(
      "SELECT chain, subject FROM audit_event WHERE action = 'alert.acknowledge' AND subject = ANY ($1) ORDER BY chain, subject",
      [made.map(({ id }) => `alert:${id}`)],
    );
    expect(trail).toEqual(
      made
        .slice(0, 3)
        .map(({ id, entityId }) => ({ chain: entityId, subject: `alert:${id}` }))
        .sort((a, b) => (`${a.chain}${a.subject}` < `${b.chain}${b.subject}` ? -1 : 1)),
    );
    expect(await verifyChain("E0", database.ownerPool)).toMatchObject({ intact: true, events: 1n });
    await expect(acknowledgeAlerts(operations, input, { now: NOON })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("lets two people who acknowledge the same ones at once each have what the other has not", async () => {
    const { rows: made } = await run(
      `INSERT INTO alert (id, entity_id, kind, subject, title, body, owner_team, first_action, href, opened_at)
       SELECT gen_random_uuid(), 'E1', 'feed-behind', 'feed:' || n, 'Alert ' || n, '', 'operations', '', '/feeds', $1
         FROM generate_series(1, 20) n RETURNING id, entity_id AS "entityId"`,
      [NOON],
    );
    const half = (from: number) => ({ alerts: made.slice(from, from + 15), note: "" });
    const [one, other] = await Promise.all([
      acknowledgeAlerts(operations, half(0), { now: NOON }),
      acknowledgeAlerts(admin, { ...half(5), alerts: [...half(5).alerts].reverse() }, { now: NOON }),
    ]);
    expect(one.done + other.done).toBe(20);
    expect(one.left + other.left).toBe(10);
    expect((await countAlerts(operations)).unacknowledged).toBe(0);
  });

  it("an administrator sets bounds with a reason, which hold from then on; what can't be is refused", async () => {
    const rule = {
      ...{
        entityId: "E1",
        kind: "feed-behind",
        enabled: true,
        recipients: ["owner" as const],
        webhook: true,
      },
      bounds: { opens: 300, closes: 200, quietMinutes: 0 },
      reason: "The ERP is slow at month-end.",
    };
    await expect(saveAlertRule(operations, rule, { now: NOON })).rejects.toMatchObject({
      code: "not-allowed",
    });
    for (const bounds of [{ opens: 300 }, { ...rule.bounds, closes: 301 }, { ...rule.bounds, opens: 1 }])
      await expect(
        saveAlertRule(admin, { ...rule, bounds: bounds as typeof rule.bounds }, { now: NOON }),
      ).rejects.toMatchObject({ code: "invalid" });
    await expect(
      saveAlertRule(admin, { ...rule, recipients: ["team:nobody"] }, { now: NOON }),
    ).rejects.toMatchObject({ code: "invalid" });
    await saveAlertRule(admin, rule, { now: NOON });
    await feed(later(-100));
    expect(await watch(NOON)).toEqual({ opened: 0, closed: 0 });
    expect(await watch(later(80))).toEqual({ opened: 1, closed: 0 });
    // Switched off, what is open is over at once, and says why.
    await saveAlertRule(admin, { ...rule, enabled: false }, { now: NOON });
    expect(await watch(later(81))).toEqual({ opened: 0, closed: 1 });
    const { rows } = await run("SELECT closed_why FROM alert");
    expect(rows[0].closed_why).toBe("This kind of alert is not watched any more.");
    const trail = await run("SELECT after FROM audit_event WHERE action = 'alert-rule.set' ORDER BY seq");
    expect(trail.rows[0].after).toMatchObject({
      reason: "The ERP is slow at month-end.",
      bounds: rule.bounds,
    });
  });
});

describe("what closes and is not over", () => {
  const why = async () =>
    (await run("SELECT subject, closed_why FROM alert WHERE closed_at IS NOT NULL ORDER BY subject")).rows;
  const set = (kind: string, bounds: Record<string, number>, at: Date) =>
    saveAlertRule(
      admin,
      {
        entityId: "E1",
        kind,
        enabled: true,
        recipients: ["owner"],
        webhook: true,
        bounds,
        reason: "Too many.",
      },
      { now: at },
    );

  it("says that a bound was changed, by whom and why; what is really over since is over", async () => {
    for (const name of ["A", "B"])
      await makeException(database.ownerPool, { entityId: "E1", name, gross: 200_000n });
    await countAll(database.ownerPool, "E1", NOON);
    await watch(NOON);
    await run("UPDATE exception SET state = 'resolved' WHERE order_reference = 'B' OR document_number = 'B'");
    await set("large-exception", { opens: 5000, closes: 4500, quietMinutes: 0 }, later(1));
    expect(await watch(later(2))).toEqual({ opened: 0, closed: 2 });
    const found = (await why()).map((one) => one.closed_why);
    expect(found.sort()).toEqual([
      "It is no longer watched for: the bounds were changed by administrator, because: “Too many.” By the bounds before it would still be open.",
      "It is over.",
    ]);
  });

  it("says that larger exceptions pushed it out", async () => {
    await makeException(database.ownerPool, { entityId: "E1", name: "SMALLEST", gross: 150_000n });
    await countAll(database.ownerPool, "E1", NOON);
    await watch(NOON);
    for (let n = 0; n < OWN_MOST; n += 1)
      await makeException(database.ownerPool, { entityId: "E1", name: `X${n}`, gross: 200_000n + BigInt(n) });
    await countAll(database.ownerPool, "E1", NOON);
    expect(await watch(later(5))).toEqual({ opened: OWN_MOST + 1, closed: 1 });
    expect((await why())[0].closed_why).toMatch(/still open\. It is told with the further ones: 20 larger/);
  });

  it("says that a month is too old to be watched, by a changed bound or by itself", async () => {
    await run(
      "INSERT INTO period (entity_id, month, state) VALUES ('E1', '2026-09', 'open'), ('E1', '2026-10', 'open')",
    );
    await run(
      `INSERT INTO close_template (entity_id, id, position, title, what, owner_team, due_day, set_at, set_by)
       VALUES ('E1', gen_random_uuid(), 0, 'The warehouse has reported', 'It says so.', 'operations', 1, $1, 'Rosa')`,
      [NOON],
    );
    await watch(NOON);
    expect(await open()).toHaveLength(2);
    await set("missed-deadline", { months: 1, quietMinutes: 0 }, later(1));
    expect(await watch(later(2))).toEqual({ opened: 0, closed: 1 });
    expect(await why()).toEqual([
      {
        subject: "tasks:2026-09/operations",
        closed_why: expect.stringContaining("changed by administrator"),
      },
    ]);
    await watch(new Date("2027-01-10T12:00:00Z"));
    expect((await why()).find((one) => one.subject.includes("2026-10"))?.closed_why).toBe(
      "It is no longer watched for: only the last month that ended is. The month is not closed.",
    );
    await run("DELETE FROM close_template");
  });
});

it("has for every kind what it means, what to do, and bounds that can be together", () => {
  for (const kind of alertKinds) {
    expect(kind.meaning.length).toBeGreaterThan(40);
    expect(kind.respond.length).toBeGreaterThan(40);
    expect(kind.fault(Object.fromEntries(kind.bounds.map((bound) => [bound.name, bound.is])))).toBeNull();
    for (const { is, min, max } of kind.bounds) expect(is >= min && is <= max).toBe(true);
  }
});
