import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { makeEntity } from "@/lib/exceptions/fixtures";
import { journalOf, reversed } from "./journal";
import { journalsCsv } from "./journal-file";
import { postJournal } from "./journal-posting";
import { askRecall, decideRecall } from "./journal-recall";
import {
  decideJournal,
  exportJournals,
  findCorrections,
  findJournals,
  findUndone,
  proposeJournal,
  setAccounts,
} from "./journals";
import { type JournalPurpose, SetJournalAccounts } from "./schema";

const ENTITY = "E1";
const MONTH = "2026-10";
let database: TestDatabase;
const now = new Date("2026-11-04T08:00:00Z");

const person = (name: string, ...roles: Role[]): Actor => ({
  id: randomUUID(),
  name,
  email: `${name}@example.com`,
  grants: roles.map((role) => ({ role, entityId: null })),
  demo: false,
});
const petra = person("Petra", "finance-preparer");
const rosa = person("Rosa", "finance-reviewer");
const admin = person("Admin", "administrator");

beforeAll(async () => {
  database = await createTestDatabase();
  await makeEntity(database.ownerPool, ENTITY);
  await database.ownerPool.query("INSERT INTO period (entity_id, month) VALUES ($1, $2)", [ENTITY, MONTH]);
  const cause = (code: string, bucket: string, net: number, tax: number) =>
    database.ownerPool.query(
      `INSERT INTO cause (order_key, id, entity_id, code, bucket, document_kind, period, currency, net, tax, gross)
       VALUES (gen_random_uuid(), gen_random_uuid(), $1, $2, $3, 'sale', $4, 'EUR', $5, $6, $7)`,
      [ENTITY, code, bucket, MONTH, net, tax, net + tax],
    );
  await cause("rounding", "explained", 1, -1);
  await cause("rounding", "explained", 2, -1);
  await cause("cut-off", "open", 10000, 1900);
  await cause("price-wrong", "accepted", -500, -95);
  await cause("price-wrong", "open", 77, 7);
});
afterAll(() => database.close());

const refused = async (act: Promise<unknown>) =>
  act.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );
const left = async (purpose: JournalPurpose) =>
  (await findCorrections(database.appPool, ENTITY, MONTH)).find((one) => one.purpose === purpose);
const propose = async (purpose: JournalPurpose, actor = petra, gross?: bigint, reverse = false) => {
  const found = await left(purpose);
  return proposeJournal(
    actor,
    {
      entityId: ENTITY,
      month: MONTH,
      purpose,
      currency: "EUR",
      gross: gross ?? found?.gross ?? 0n,
      tax: found?.tax ?? 0n,
      reason: "=As every month.",
      reverse,
    },
    { now },
  );
};

describe("a journal", () => {
  it("is balanced, whatever its amounts, and so is what takes it back", () => {
    const amount = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
    fc.assert(
      fc.property(amount, amount, (net, tax) => {
        const lines = journalOf(
          { net, tax, gross: net + tax },
          { net: "8400", tax: "1776", gross: "1400" },
          "x",
        );
        const sum = (part: "debit" | "credit", of = lines) => of.reduce((all, line) => all + line[part], 0n);
        expect(sum("debit")).toBe(sum("credit"));
        const back = reversed(lines, "back");
        expect(sum("debit", back)).toBe(sum("credit"));
        for (const { debit, credit } of lines) expect(debit === 0n || credit === 0n).toBe(true);
      }),
    );
  });

  it("credits the revenue that the ERP lacks", () => {
    expect(
      journalOf({ net: 100n, tax: 19n, gross: 119n }, { net: "8400", tax: "1776", gross: "1400" }, "x"),
    ).toEqual([
      { account: "1400", debit: 119n, credit: 0n, text: "x" },
      { account: "8400", debit: 0n, credit: 100n, text: "x" },
      { account: "1776", debit: 0n, credit: 19n, text: "x" },
    ]);
  });
});

describe("the corrections of a month", () => {
  it("are what is rounded, accepted and counted elsewhere", async () => {
    expect(await left("rounding")).toMatchObject({ net: 3n, tax: -2n, gross: 1n, count: 2 });
    expect(await left("accrual")).toMatchObject({ net: 10000n, tax: 1900n, gross: 11900n, count: 1 });
    expect(await left("write-off")).toMatchObject({ net: -500n, tax: -95n, gross: -595n, count: 1 });
  });

  it("need accounts, and a second person", async () => {
    expect(await refused(propose("rounding"))).toBe("invalid");
    const accounts = {
      entityId: ENTITY,
      purpose: "rounding",
      net: "8401",
      tax: "1777",
      gross: "1590",
    } as const;
    expect(await refused(setAccounts(petra, accounts, { now }))).toBe("not-allowed");
    for (const purpose of ["rounding", "accrual", "write-off"] as const)
      await setAccounts(admin, { ...accounts, purpose }, { now });
    expect(await refused(propose("rounding", admin))).toBe("not-allowed");
    expect(await refused(propose("rounding", petra, 5n))).toBe("conflict");
    expect(await propose("rounding", rosa)).toMatchObject({ number: 1 });
    expect(await left("rounding")).toMatchObject({ gross: 0n, tax: 0n });
    expect(await refused(propose("rounding"))).toBe("invalid");
    const [journal] = await findJournals(database.appPool, ENTITY, MONTH);
    const decide = (actor: Actor, approve = true, why = "") =>
      decideJournal(actor, { entityId: ENTITY, id: journal?.id ?? "", approve, why }, { now });
    expect(await refused(decide(rosa))).toBe("not-allowed");
    expect(await refused(decide(petra))).toBe("not-allowed");
    expect(await refused(decide(admin))).toBe("not-allowed");
    expect(await decide(person("Ralf", "finance-reviewer"), false, "Wrong account.")).toMatchObject({
      approved: false,
    });
    // What is rejected is left to be corrected again.
    expect(await left("rounding")).toMatchObject({ gross: 1n, tax: -2n });
  });

  it("at cut-off are taken back on the first day of the next month", async () => {
    const { id } = await propose("accrual");
    expect(await decideJournal(rosa, { entityId: ENTITY, id, approve: true, why: "" }, { now })).toEqual({
      approved: true,
      reversal: 3,
    });
    const [back] = await findJournals(database.appPool, ENTITY, "2026-11");
    expect(back).toMatchObject({ postingDay: "2026-11-01", reverses: id, state: "approved" });
    expect(back?.lines).toEqual(
      reversed(
        (await findJournals(database.appPool, ENTITY, MONTH))[1]?.lines ?? [],
        back?.lines[0]?.text ?? "",
      ),
    );
  });

  it("of every purpose are balanced, and taken back next month where it was said, an accrual always", async () => {
    for (const [purpose, reverse, isTakenBack] of [
      ["rounding", true, true],
      ["write-off", false, false],
    ] as const) {
      const { id, number } = await propose(purpose, petra, undefined, reverse);
      const made = (await findJournals(database.appPool, ENTITY, MONTH)).find((one) => one.id === id);
      const sum = (part: "debit" | "credit") =>
        (made?.lines ?? []).reduce((all, line) => all + line[part], 0n);
      expect(sum("debit")).toBe(sum("credit"));
      expect(sum("debit")).toBeGreaterThan(0n);
      expect(made?.reverse).toBe(reverse);
      const { reversal } = await decideJournal(
        rosa,
        { entityId: ENTITY, id, approve: true, why: "" },
        { now },
      );
      expect(reversal !== null).toBe(isTakenBack);
      expect(reversal === null ? number : reversal).toBeGreaterThanOrEqual(number);
      const back = (await findJournals(database.appPool, ENTITY, "2026-11")).filter(
        (one) => one.reverses === id,
      );
      expect(back).toHaveLength(isTakenBack ? 1 : 0);
      expect(await left(purpose)).toMatchObject({ gross: 0n, tax: 0n });
    }
    expect(
      (await findJournals(database.appPool, ENTITY, MONTH)).find((one) => one.purpose === "accrual")?.reverse,
    ).toBe(true);
  });

  it("are exported as a file in which no cell is a formula, and that is kept", async () => {
    const journals = await exportJournals(petra, { entityId: ENTITY, month: MONTH }, { now });
    expect(journals.map((one) => one.purpose)).toEqual(["accrual", "rounding", "write-off"]);
    const lines = journalsCsv(journals).trim().split("\r\n");
    expect(lines[1]).toBe(
      "2,2026-10-31,1590,119.00,0.00,EUR,Accruals at cut-off 2026-10,'=As every month.,Rosa",
    );
    expect((await findJournals(database.appPool, ENTITY, MONTH))[1]?.exportedBy).toBe("Petra");
    expect(await refused(exportJournals(admin, { entityId: ENTITY, month: MONTH }, { now }))).toBe(
      "not-allowed",
    );
  });

  it("that were handed over as a file are posted no more, nor is what takes them back alone, before two people say that they were not taken in", async () => {
    const own = (await findJournals(database.appPool, ENTITY, MONTH)).find(
      (one) => one.purpose === "accrual",
    );
    const [back] = await findJournals(database.appPool, ENTITY, "2026-11");
    if (!own || !back) throw new Error("no journals");
    expect(back).toMatchObject({ original: own.number, originalExported: true });
    const connection = randomUUID();
    await database.ownerPool.query(
      `INSERT INTO connection (id, entity_id, side, kind, name, settings) VALUES ($1, $2, 'erp', 'business-central', 'BC', $3)`,
      [
        connection,
        ENTITY,
        JSON.stringify({
          baseUrl: "https://bc.example.com/v2.0/tenant/production",
          tokenUrl: "https://login.example.com/token",
          clientId: "client",
          companyId: "COMPANY",
          write: { customerNumber: "10000" },
        }),
      ],
    );
    const post = (id: string) =>
      postJournal(petra, { entityId: ENTITY, id, connectionId: connection }, { now }).then(
        () => "done",
        (error: unknown) => String(error),
      );
    expect(await post(own.id)).toMatch(/handed over as a file/);
    expect(await post(back.id)).toMatch(/which was handed over as a file/);
    const of = { entityId: ENTITY, id: own.id };
    const decide = (actor: Actor, approve: boolean) =>
      decideRecall(actor, { ...of, approve, why: "Looked." }, { now });
    expect(await refused(decide(rosa, true))).toBe("conflict");
    expect(await refused(askRecall(admin, { ...of, reason: "Lost." }, { now }))).toBe("not-allowed");
    await askRecall(rosa, { ...of, reason: "The import failed." }, { now });
    expect(await refused(askRecall(petra, { ...of, reason: "Me too." }, { now }))).toBe("conflict");
    expect(await refused(decide(rosa, true))).toBe("not-allowed");
    expect(await refused(decide(petra, true))).toBe("not-allowed");
    const ralf = person("Ralf", "finance-reviewer");
    expect(await decide(ralf, false)).toEqual({ approved: false });
    expect(await post(own.id)).toMatch(/handed over as a file/);
    await askRecall(rosa, { ...of, reason: "It did fail." }, { now });
    // While that is asked no second file is handed out of it, neither as new nor as the same again.
    const numbers = async (again: boolean) =>
      exportJournals(petra, { entityId: ENTITY, month: MONTH, again }, { now }).then(
        (journals) => journals.map((one) => one.number),
        (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
      );
    expect(await numbers(false)).toBe("conflict");
    expect(await numbers(true)).not.toContain(own.number);
    expect((await findUndone(database.appPool, ENTITY, MONTH)).unbooked).toEqual([]);
    expect(await decide(ralf, true)).toEqual({ approved: true });
    const after = (await findJournals(database.appPool, ENTITY, MONTH)).find((one) => one.id === own.id);
    expect(after).toMatchObject({ exportedAt: null, exportedBy: null, recallById: null });
    // That it was handed over once is not forgotten.
    expect(after).toMatchObject({
      formerExportedBy: "Petra",
      recalledBy: "Ralf",
      reversalNumber: back.number,
    });
    expect((await findUndone(database.appPool, ENTITY, MONTH)).unbooked).toEqual([own.number]);
    expect(await post(back.id)).toMatch(/first/);
    expect(await post(own.id)).toBe("done");
  });

  it("are booked to accounts that can be some, and it is said which no line of the ERP names", async () => {
    const accounts = {
      entityId: ENTITY,
      purpose: "rounding",
      net: "8401",
      tax: "1777",
      gross: "no such account!!",
    };
    expect(SetJournalAccounts.safeParse(accounts).success).toBe(false);
    expect(SetJournalAccounts.safeParse({ ...accounts, gross: "1590-A/2" }).success).toBe(true);
    const set = () => setAccounts(admin, { ...accounts, purpose: "rounding", gross: "1590" }, { now });
    expect(await set()).toEqual({ unknown: [] });
    await database.ownerPool.query(
      `INSERT INTO line (order_key, id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, item_key, quantity,
         gross, currency, day, period, in_books, account)
       VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $1, 'erp', 'sale', 'fee', 'line', '1', 'charge', 1, 1, 'EUR',
         '2026-10-01', '2026-10', true, '8401')`,
      [ENTITY],
    );
    expect(await set()).toEqual({ unknown: ["1777", "1590"] });
  });

  it("can't be proposed for a closed month, nor changed by anybody", async () => {
    await database.ownerPool.query("UPDATE period SET state = 'closed'");
    await database.ownerPool.query(
      "UPDATE cause SET net = net - 7, gross = gross - 7 WHERE bucket = 'accepted'",
    );
    expect(await refused(propose("write-off"))).toBe("conflict");
    expect(await refused(database.appPool.query("UPDATE journal SET gross = 0"))).toMatch(
      /permission denied/,
    );
    expect(await refused(database.appPool.query("DELETE FROM journal"))).toMatch(/permission denied/);
  });
});
