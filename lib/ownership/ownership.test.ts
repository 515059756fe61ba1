import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { dueOf } from "@/lib/domain/due";
import { makeEntity, makeException, makeUser } from "@/lib/exceptions/fixtures";
import { loadDueRules } from "@/lib/matching/due";
import { loadOwnership } from "@/lib/matching/ownership";
import { aboutText } from "./about";
import { countDue, findRules } from "./data";
import {
  applyDueToOpen,
  saveCalendarDay,
  saveDueAge,
  saveDueSteps,
  saveHolidayCountry,
  saveTeam,
} from "./mutations";
import { askForFile, askForRule, askToRemove, decideOwners } from "./requests";
import type { RulesFile, SaveRule } from "./schema";
import { readRulesFile, writeRulesFile } from "./table-file";

let database: TestDatabase;
let admin: Actor;
let ofOne: Actor;
let finance: Actor;
let reviewer: Actor;
const context = { now: new Date("2026-11-05T09:00:00Z") };

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, "E1");
  await makeEntity(pool, "E2");
  await pool.query("UPDATE entity SET time_zone = 'Europe/London' WHERE id = 'E2'");
  const connection = "11111111-1111-1111-1111-111111111111";
  await pool.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings) VALUES ($1, 'E1', 'scayle', 'scayle', 'S', '{}')`,
    [connection],
  );
  await pool.query(
    `INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name) VALUES ('e1/ms/de', 'E1', $1, 'ms', 'de', 'DE')`,
    [connection],
  );
  admin = await makeUser(pool, "administrator", null);
  ofOne = await makeUser(pool, "administrator", "E1");
  finance = await makeUser(pool, "finance-preparer", null);
  reviewer = await makeUser(pool, "finance-reviewer", null);
});
afterAll(() => database.close());
beforeEach(async () => {
  await rows(
    "TRUNCATE ownership_rule, ownership_request, exception, exception_event, due_rule, due_age, calendar_day",
  );
});

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const rule = (team: string, place: Readonly<{ entityId?: string; shopId?: string }> = {}) => ({
  cause: "rounding",
  entityId: place.entityId ?? null,
  shopId: place.shopId ?? null,
  team,
});
const owner = async (entityId: string, shopId: string | null) =>
  (await inTransaction(database.ownerPool, (client) => loadOwnership(client, entityId)))("rounding", shopId);

/** Somebody asks, and the reviewer approves. */
const made = async (asked: Promise<Readonly<{ id: string }>>) => {
  const { moved } = await decideOwners(
    reviewer,
    { ...(await asked), version: 1, decision: "approve", why: "" },
    context,
  );
  return { moved };
};
const saveRule = (actor: Actor, row: SaveRule) => made(askForRule(actor, row, context));
const importRules = (actor: Actor, file: RulesFile) => made(askForFile(actor, file, context));

describe("who owns a cause", () => {
  it("is said by the most specific row, and by the next one when that goes", async () => {
    await saveTeam(
      admin,
      { id: "tax", name: "Tax", leadId: finance.id, memberIds: [], isNew: true },
      context,
    );
    await saveRule(admin, { ...rule("operations"), moveOpen: false });
    await saveRule(admin, { ...rule("finance", { entityId: "E1" }), moveOpen: false });
    await saveRule(admin, { ...rule("tax", { entityId: "E1", shopId: "e1/ms/de" }), moveOpen: false });
    expect([await owner("E1", "e1/ms/de"), await owner("E1", "other"), await owner("E2", null)]).toEqual([
      "tax",
      "finance",
      "operations",
    ]);
    const [shop] = (await findRules(["E1"])).filter((one) => one.shopId !== null);
    await made(askToRemove(admin, { id: shop?.id ?? "" }, context));
    expect(await owner("E1", "e1/ms/de")).toBe("finance");
    expect(
      await rows(
        "SELECT action, subject FROM audit_event WHERE action LIKE 'ownership.%' AND chain = 'E1' ORDER BY seq",
      ),
    ).toEqual([
      { action: "ownership.set", subject: "ownership:rounding/E1/*" },
      { action: "ownership.set", subject: "ownership:rounding/E1/e1/ms/de" },
      { action: "ownership.remove", subject: "ownership:rounding/E1/e1/ms/de" },
    ]);
  });

  it("moves what is open and nobody's along, but nothing that a person has or gave away, nor what is more specific", async () => {
    const make = (name: string, entityId: string) => makeException(database.ownerPool, { entityId, name });
    const [free, taken, given, other] = [
      await make("free", "E1"),
      await make("taken", "E1"),
      await make("given", "E1"),
      await make("other", "E2"),
    ];
    await rows("UPDATE exception SET assignee_id = $2, state = 'assigned' WHERE id = $1", [
      taken,
      finance.id,
    ]);
    await rows("UPDATE exception SET previous_team = 'operations' WHERE id = $1", [given]);
    await saveRule(admin, { ...rule("finance", { entityId: "E2" }), moveOpen: false });
    expect(await saveRule(admin, { ...rule("operations"), moveOpen: true })).toEqual({ moved: 1 });
    expect(await rows("SELECT id FROM exception WHERE owner_team = 'operations'")).toEqual([{ id: free }]);
    expect(await rows("SELECT exception_id AS id, text FROM exception_event")).toEqual([
      { id: free, text: "Owner is now operations, was finance: who owns this cause was changed." },
    ]);
    expect(await rows("SELECT owner_team FROM exception WHERE id = $1", [other])).toEqual([
      { owner_team: "finance" },
    ]);
  });

  it.each([
    [
      "everywhere, by who may not everywhere",
      () => saveRule(ofOne, { ...rule("finance"), moveOpen: false }),
      "not-allowed",
    ],
    [
      "another entity's",
      () => saveRule(ofOne, { ...rule("finance", { entityId: "E2" }), moveOpen: false }),
      "not-allowed",
    ],
    ["by finance", () => saveRule(finance, { ...rule("finance"), moveOpen: false }), "not-allowed"],
    ["a team that is not there", () => saveRule(admin, { ...rule("nobody"), moveOpen: false }), "invalid"],
    [
      "another entity's shop",
      () => saveRule(admin, { ...rule("finance", { entityId: "E2", shopId: "e1/ms/de" }), moveOpen: false }),
      "invalid",
    ],
    [
      "a cause that raises nothing",
      () => saveRule(admin, { ...rule("finance"), cause: "timing", moveOpen: false }),
      "invalid",
    ],
    [
      "a lead who may not work",
      async () =>
        saveTeam(
          admin,
          {
            id: "tax",
            name: "T",
            leadId: (await makeUser(database.ownerPool, "auditor", null)).id,
            memberIds: [],
            isNew: false,
          },
          context,
        ),
      "invalid",
    ],
  ])("is not changed: %s", async (_, act, code) => {
    await expect(act()).rejects.toMatchObject({ code });
    expect(await findRules(["E1", "E2"])).toEqual([]);
  });
});

describe("the table as a file", () => {
  it("comes back as it was written, and says what it changes", async () => {
    await saveRule(admin, { ...rule("finance"), moveOpen: false });
    await saveRule(admin, { ...rule("operations", { entityId: "E1", shopId: "e1/ms/de" }), moveOpen: false });
    const text = writeRulesFile(await findRules(["E1", "E2"]));
    expect(text).toBe("cause,entity,shop,team\r\nrounding,,,finance\r\nrounding,E1,e1/ms/de,operations\r\n");
    await expect(importRules(admin, { text })).rejects.toMatchObject({ code: "conflict" });
    const changed = `${text.replace("rounding,,,finance", "rounding,,,operations")}cut-off,E2,,finance\r\n`;
    await importRules(admin, { text: changed });
    expect(
      await rows(
        "SELECT before, after FROM audit_event WHERE action = 'ownership.import' ORDER BY seq DESC LIMIT 1",
      ),
    ).toEqual([
      {
        before: [{ place: "ownership:rounding/*/*", team: "finance" }],
        after: [
          { place: "ownership:rounding/*/*", team: "operations" },
          { place: "ownership:cut-off/E2/*", team: "finance" },
        ],
      },
    ]);
    expect(await owner("E2", null)).toBe("operations");
  });

  it("is taken whole or not at all", async () => {
    const text = "cause;entity;shop;team\nrounding;;;operations\ncut-off;E9;;finance\n";
    await expect(importRules(admin, { text })).rejects.toThrow(/no entity “E9”/);
    expect(await findRules(["E1"])).toEqual([]);
    await expect(importRules(ofOne, { text })).rejects.toMatchObject({ code: "not-allowed" });
    const bad =
      "cause,entity,shop,team\ncut-off,E9,,finance\nrounding,,,nobody\nunexplained,E1,e1/ms/xx,finance\nnonsense,,,finance\n";
    await expect(importRules(admin, { text: bad })).rejects.toThrow(
      'Nothing was imported: line 2: there is no entity “E9”; line 3: there is no team “nobody”; line 4: there is no shop “e1/ms/xx” in E1; line 5: there is no cause "nonsense".',
    );
  });

  it("is told of in words where it was changed", () => {
    const shops = [{ id: "e1/ms/at", name: "Moda AT" }];
    expect(aboutText("ownership:rounding/E1/e1/ms/at", shops)).toMatch(/^[A-Z].*, E1, Moda AT$/);
    expect(aboutText("ownership:rounding/*/*", shops)).toMatch(/, all entities$/);
    expect(aboutText("ownership:*", shops)).toBeUndefined();
  });

  it.each([
    ["cause,entity,shop\nrounding,,\n", /no column team/],
    ["cause,entity,shop,team\n", /no lines/],
    [
      "cause,entity,shop,team\nrounding,,,finance\nrounding,,,operations\n",
      /line 3: says the same place twice/,
    ],
    ["cause,entity,shop,team\nnonsense,,,finance\n", /line 2: there is no cause "nonsense"/],
    ["cause,entity,shop,team\nrounding,,s,finance\n", /line 2: a shop needs its entity/],
    ['cause,entity,shop,team\n"rounding,,,finance\n', /can't be read/],
  ])("is refused where it makes no sense: %j", (text, words) => {
    const known = { teams: new Set(["finance"]), entities: new Set<string>(), shops: new Set<string>() };
    expect(() => readRulesFile(text, known)).toThrow(words);
  });

  it("starts no formula in a spreadsheet", () => {
    const odd = { cause: "=1+1", entityId: "+E", shopId: 'a,"b"', team: "@x" };
    expect(writeRulesFile([odd])).toBe(`cause,entity,shop,team\r\n'=1+1,'+E,"a,""b""",'@x\r\n`);
  });
});

describe("when an entity's exceptions are due", () => {
  const due = async (entityId: string, at: string, worth: bigint, currency = "EUR") => {
    const { time_zone: timeZone } = (await rows("SELECT time_zone FROM entity WHERE id = $1", [entityId]))[0];
    const rules = await loadDueRules(database.ownerPool, entityId);
    return dueOf(rules, { at: new Date(at), timeZone }, worth, currency).day;
  };
  const maundyThursday = "2026-04-02T09:00:00Z";

  it("follows the country that its time zone suggests, or the one that it states", async () => {
    // Berlin is Germany: Good Friday and Easter Monday are free. London says nothing: it is a Friday like any other.
    expect(await due("E1", maundyThursday, 1_000_000n)).toBe("2026-04-07");
    expect(await due("E2", maundyThursday, 1_000_000n)).toBe("2026-04-03");
    await saveHolidayCountry(admin, { entityId: "E2", country: "DE" }, context);
    await saveHolidayCountry(admin, { entityId: "E1", country: "-" }, context);
    expect(await due("E2", maundyThursday, 1_000_000n)).toBe("2026-04-07");
    expect(await due("E1", maundyThursday, 1_000_000n)).toBe("2026-04-03");
    // The day before All Saints' Day, which Bavaria keeps and Saxony doesn't; in 2027 it is a Monday.
    await saveHolidayCountry(admin, { entityId: "E1", country: "DE-BY" }, context);
    expect(await due("E1", "2027-10-29T09:00:00Z", 1_000_000n)).toBe("2027-11-02");
    await saveHolidayCountry(admin, { entityId: "E1", country: "DE-SN" }, context);
    expect(await due("E1", "2027-10-29T09:00:00Z", 1_000_000n)).toBe("2027-11-01");
    // Days that are entered for the country count in its regions.
    const entered = {
      entityId: "E1",
      country: "DE",
      day: "2027-11-01",
      working: false,
      name: "A day for all",
    };
    await saveCalendarDay(admin, entered, context);
    expect(await due("E1", "2027-10-29T09:00:00Z", 1_000_000n)).toBe("2027-11-02");
    await expect(
      saveHolidayCountry(admin, { entityId: "E1", country: "DE-XX" }, context),
    ).rejects.toMatchObject({ code: "invalid" });
    await saveHolidayCountry(admin, { entityId: "E2", country: null }, context);
    await saveHolidayCountry(admin, { entityId: "E1", country: null }, context);
  });

  it("goes by days that people entered, the entity's before its country's", async () => {
    const day = (day: string, working: boolean, country: string | null = null) =>
      saveCalendarDay(admin, { entityId: "E1", country, day, working, name: "Stocktaking" }, context);
    await day("2026-04-07", false, "DE");
    expect(await due("E1", maundyThursday, 1_000_000n)).toBe("2026-04-08");
    await day("2026-04-07", true);
    expect(await due("E1", maundyThursday, 1_000_000n)).toBe("2026-04-07");
    await day("2026-04-06", true);
    expect(await due("E1", maundyThursday, 1_000_000n)).toBe("2026-04-06");
    expect(await due("E2", maundyThursday, 1_000_000n)).toBe("2026-04-03");
  });

  it("is applied to what is open where somebody asks for it: earlier or later, but not where a person set the day", async () => {
    const pool = database.ownerPool;
    const given = { entityId: "E1", due: "2026-11-09", found: "2026-11-02T09:00:00Z" };
    const ids = {
      small: await makeException(pool, { ...given, name: "small", gross: -49_999n }),
      none: await makeException(pool, { ...given, name: "none", gross: 0n }),
      large: await makeException(pool, { ...given, name: "large", gross: 50_000n }),
      pounds: await makeException(pool, { ...given, name: "pounds", gross: 50_000n, currency: "GBP" }),
      hand: await makeException(pool, { ...given, name: "hand", gross: 50_000n }),
      over: await makeException(pool, { ...given, name: "over", gross: 50_000n, state: "resolved" }),
      again: await makeException(pool, { ...given, name: "again", gross: 50_000n }),
    };
    await rows("UPDATE exception SET due_by_hand = true WHERE id = $1", [ids.hand]);
    await rows("UPDATE exception SET escalated_at = now() WHERE id = $1", [ids.small]);
    await rows(
      `INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, kind, text)
       SELECT order_key, gen_random_uuid(), id, '2026-11-04T09:00:00Z', 'Run', 'reopened', '' FROM exception WHERE id = $1`,
      [ids.again],
    );
    const days = async () =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(ids).map(async ([name, id]) => [
            name,
            (await rows("SELECT due FROM exception WHERE id = $1", [id]))[0].due,
          ]),
        ),
      );
    const before = await days();
    expect(await countDue("E1")).toEqual({ byRule: 5, byHand: 1 });
    const steps = [
      { from: "0", days: 10 },
      { from: "500", days: 2 },
    ];
    expect(await saveDueSteps(admin, { entityId: "E1", currency: "EUR", steps }, context)).toEqual({
      moved: 0,
    });
    expect(await days()).toEqual(before);
    const applied = { entityId: "E1", currency: "EUR", steps, applyToOpen: true };
    expect(await saveDueSteps(admin, applied, context)).toEqual({ moved: 4 });
    const later = {
      small: "2026-11-16",
      none: "2026-11-16",
      large: "2026-11-04",
      pounds: "2026-11-09",
      hand: "2026-11-09",
      over: "2026-11-09",
      again: "2026-11-06",
    };
    expect(await days()).toEqual(later);
    expect(await rows("SELECT due_why, escalated_at FROM exception WHERE id = $1", [ids.small])).toEqual([
      { due_why: "Less than 500 EUR: 10 working days after 2 Nov 2026.", escalated_at: null },
    ]);
    expect(await rows("SELECT kind, text FROM exception_event WHERE exception_id = $1", [ids.large])).toEqual(
      [{ kind: "due", text: "Due 2026-11-04, was 2026-11-09: how long exceptions may take was changed." }],
    );
    // A calendar that changed is applied in the same way; twice is once.
    await saveCalendarDay(
      admin,
      { entityId: "E1", country: null, day: "2026-11-04", working: false, name: "Closed" },
      context,
    );
    expect(await applyDueToOpen(admin, { entityId: "E1" }, context)).toEqual({ moved: 4 });
    expect(await applyDueToOpen(admin, { entityId: "E1" }, context)).toEqual({ moved: 0 });
    expect((await days())["large"]).toBe("2026-11-05");
    await expect(applyDueToOpen(finance, { entityId: "E1" }, context)).rejects.toMatchObject({
      code: "not-allowed",
    });
    expect(
      (await rows("SELECT after FROM audit_event WHERE action = 'due.apply' ORDER BY seq")).map(
        (row) => row.after,
      ),
    ).toEqual([{ moved: 4 }, { moved: 0 }]);
  });

  it("counts how old it was when it was found, from the age that the entity sets, and open ones follow", async () => {
    const pool = database.ownerPool;
    const given = { entityId: "E1", due: "2026-11-09", found: "2026-11-02T09:00:00Z", gross: 500n };
    const old = await makeException(pool, { ...given, name: "old", day: "2026-10-20" });
    const young = await makeException(pool, { ...given, name: "young", day: "2026-10-30" });
    const undated = await makeException(pool, { ...given, name: "undated" });
    const dues = async () =>
      Object.fromEntries((await rows("SELECT id, due FROM exception")).map((row) => [row["id"], row["due"]]));
    expect((await loadDueRules(pool, "E1")).olderThan).toBe(30);
    expect(await applyDueToOpen(admin, { entityId: "E1" }, context)).toEqual({ moved: 0 });
    expect(await saveDueAge(admin, { entityId: "E1", days: 10 }, context)).toEqual({ moved: 0 });
    expect(await saveDueAge(admin, { entityId: "E1", days: 10, applyToOpen: true }, context)).toEqual({
      moved: 1,
    });
    expect(await dues()).toEqual({ [old]: "2026-11-05", [young]: "2026-11-09", [undated]: "2026-11-09" });
    expect(await rows("SELECT due_why FROM exception WHERE id = $1", [old])).toEqual([
      {
        due_why:
          "Less than 1,000 EUR, and older than 10 days when it was found: 3 working days after 2 Nov 2026.",
      },
    ]);
    expect(await saveDueAge(admin, { entityId: "E1", days: null, applyToOpen: true }, context)).toEqual({
      moved: 1,
    });
    expect((await dues())[old]).toBe("2026-11-09");
    expect((await loadDueRules(pool, "E1")).olderThan).toBeNull();
    await expect(saveDueAge(finance, { entityId: "E1", days: 5 }, context)).rejects.toMatchObject({
      code: "not-allowed",
    });
    expect(await rows("SELECT before, after FROM audit_event WHERE action = 'due.age' ORDER BY seq")).toEqual(
      [
        { before: null, after: { days: 10, moved: 0 } },
        { before: { days: 10 }, after: { days: 10, moved: 1 } },
        { before: { days: 10 }, after: { days: null, moved: 1 } },
      ],
    );
  });

  it("goes by its own steps and has the defaults again without them", async () => {
    const steps = [
      { from: "0", days: 10 },
      { from: "500", days: 2 },
    ];
    await saveDueSteps(admin, { entityId: "E2", currency: "GBP", steps }, context);
    const monday = "2026-11-02T09:00:00Z";
    expect(await due("E2", monday, 49_999n, "GBP")).toBe("2026-11-16");
    expect(await due("E2", monday, 50_000n, "GBP")).toBe("2026-11-04");
    expect(await due("E2", monday, 50_000n, "EUR")).toBe("2026-11-09");
    await saveDueSteps(admin, { entityId: "E2", currency: "GBP", steps: [] }, context);
    expect(await due("E2", monday, 50_000n, "GBP")).toBe("2026-11-09");
    await expect(
      saveDueSteps(admin, { entityId: "E2", currency: "*", steps: [{ from: "5", days: 1 }] }, context),
    ).rejects.toThrow(/begins at 0/);
    await expect(
      saveDueSteps(finance, { entityId: "E2", currency: "*", steps }, context),
    ).rejects.toMatchObject({ code: "not-allowed" });
  });
});
