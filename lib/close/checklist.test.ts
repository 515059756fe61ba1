import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { closeDay } from "@/lib/domain/working-days";
import { makeEntity } from "@/lib/exceptions/fixtures";
import { type Facts, judge } from "./facts";
import { openWorkOf } from "./open-work";
import { ActOnTask, SaveTemplate, type Totals } from "./schema";
import {
  actOnTask,
  addFile,
  addLink,
  EVIDENCE_BYTES_MAX,
  findDone,
  findFile,
  isComplete,
  removeEvidence,
  saveTemplate,
} from "./tasks";
import { defaultTemplates, findTemplates } from "./templates";

const ENTITY = "E1";
const MONTH = "2026-10";
let database: TestDatabase;
let clock = Date.parse("2026-11-03T08:00:00Z");
const at = () => ({ now: new Date(clock++) });

const person = (name: string, ...roles: Role[]): Actor => ({
  id: randomUUID(),
  name,
  email: `${name}@example.com`,
  grants: roles.map((role) => ({ role, entityId: null })),
  demo: false,
});
const petra = person("Petra", "finance-preparer");
const rosa = person("Rosa", "finance-reviewer");
const omar = person("Omar", "operations");
const auditor = person("Auditor", "auditor");

beforeAll(async () => {
  database = await createTestDatabase();
  await makeEntity(database.ownerPool, ENTITY);
  await database.ownerPool.query("INSERT INTO period (entity_id, month) VALUES ($1, $2)", [ENTITY, MONTH]);
});
afterAll(() => database.close());

const refused = async (act: Promise<unknown>) =>
  act.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );
const taskOf = (title: string) => {
  const found = defaultTemplates(ENTITY).find((one) => one.title.includes(title));
  if (!found) throw new Error(title);
  return found;
};
const mark = (actor: Actor, templateId: string, act: ActOnTask["act"]) =>
  actOnTask(actor, ActOnTask.parse({ entityId: ENTITY, month: MONTH, templateId, act }), at());
const template = (values: Partial<SaveTemplate> = {}) =>
  SaveTemplate.parse({
    entityId: ENTITY,
    title: "Gift cards are counted",
    ownerTeam: "finance",
    needsReview: false,
    dueDay: "2",
    after: [],
    ...values,
    id: values.id ?? "",
    reviewerId: values.reviewerId ?? "",
  });

describe("what people do of a month's checklist", () => {
  const payouts = taskOf("Payouts");

  it("is done by one and reviewed by another", async () => {
    expect(await refused(mark(auditor, payouts.id, "done"))).toBe("not-allowed");
    expect(await refused(mark(petra, payouts.id, "reviewed"))).toBe("conflict");
    await mark(petra, payouts.id, "done");
    expect(await refused(mark(omar, payouts.id, "done"))).toBe("conflict");
    expect(await refused(mark(petra, payouts.id, "reviewed"))).toBe("not-allowed");
    const half = (await findDone(database.appPool, ENTITY, MONTH)).get(payouts.id);
    expect(isComplete(payouts, half)).toBe(false);
    await mark(rosa, payouts.id, "reviewed");
    expect(await refused(mark(petra, payouts.id, "not-reviewed"))).toBe("not-allowed");
    const whole = (await findDone(database.appPool, ENTITY, MONTH)).get(payouts.id);
    expect(isComplete(payouts, whole)).toBe(true);
    await mark(petra, payouts.id, "not-done");
    expect(isComplete(payouts, (await findDone(database.appPool, ENTITY, MONTH)).get(payouts.id))).toBe(
      false,
    );
  });

  it("leaves to facts what facts complete", async () => {
    expect(await refused(mark(petra, taskOf("proof").id, "done"))).toBe("conflict");
  });

  it("keeps evidence: files with their hash, links, for those who may see the month", async () => {
    const of = { entityId: ENTITY, month: MONTH, templateId: payouts.id };
    const file = {
      name: "Adyen Oktober.csv",
      mediaType: "text/csv",
      content: Buffer.from("batch;sum\n1;2\n"),
    };
    expect(await refused(addFile(auditor, of, file, at()))).toBe("not-allowed");
    expect(await refused(addFile(petra, of, { ...file, content: Buffer.alloc(0) }, at()))).toBe("invalid");
    expect(
      await refused(addFile(petra, of, { ...file, content: Buffer.alloc(EVIDENCE_BYTES_MAX + 1) }, at())),
    ).toBe("invalid");
    const id = await addFile(petra, of, file, at());
    expect((await findFile(database.appPool, auditor, id))?.content.toString()).toBe("batch;sum\n1;2\n");
    expect(await findFile(database.appPool, person("Chris", "customer-service"), id)).toBeNull();
    const link = await addLink(petra, { ...of, name: "Bank", url: "https://bank.example/oct" }, at());
    await removeEvidence(omar, { entityId: ENTITY, id: link }, at());
    const { rows } = await database.ownerPool.query(
      "SELECT name, removed_by FROM close_evidence ORDER BY added_at",
    );
    expect(rows).toEqual([
      { name: "Adyen Oktober.csv", removed_by: null },
      { name: "Bank", removed_by: "Omar" },
    ]);
    expect(await refused(database.appPool.query("UPDATE close_evidence SET content = NULL"))).toMatch(
      /permission denied/,
    );
  });
});

describe("the checklist of every month", () => {
  it("is the default one until somebody changes it; then it is written down", async () => {
    expect(await refused(saveTemplate(omar, template(), at()))).toBe("not-allowed");
    const id = await saveTemplate(petra, template(), at());
    const all = await findTemplates(database.appPool, ENTITY);
    expect(all).toHaveLength(defaultTemplates(ENTITY).length + 1);
    expect(all.at(-1)).toMatchObject({ id, dueDay: 2, rule: null });
    const tax = all.find((one) => one.rule === "tax-ties");
    const other = all.find((one) => one.title.includes("VAT return"));
    if (!tax || !other) throw new Error("the default tasks are gone");
    expect(
      await refused(saveTemplate(petra, template({ id: tax.id, title: tax.title, after: [other.id] }), at())),
    ).toBe("invalid");
    await saveTemplate(petra, template({ id, retire: true }), at());
    expect(await findTemplates(database.appPool, ENTITY)).toHaveLength(defaultTemplates(ENTITY).length);
  });

  it("has a task wait for another that people do", async () => {
    const first = await saveTemplate(petra, template({ title: "First" }), at());
    const then = await saveTemplate(petra, template({ title: "Then", after: [first] }), at());
    expect(await refused(mark(petra, then, "done"))).toBe("conflict");
    await mark(petra, first, "done");
    await mark(petra, then, "done");
  });

  it("has a task wait for another that facts complete, and says for which", async () => {
    const act = mark(petra, taskOf("VAT return").id, "done");
    await expect(act).rejects.toThrow("It comes after “VAT ties”, which is not complete.");
  });

  it("stands in a closed month", async () => {
    await database.ownerPool.query("UPDATE period SET state = 'closed'");
    expect(await refused(mark(petra, taskOf("Payouts").id, "done"))).toBe("conflict");
    await database.ownerPool.query("UPDATE period SET state = 'open'");
  });
});

describe("tasks that facts complete", () => {
  const amounts = { net: 100n, tax: 19n, gross: 119n };
  const totals: Totals = {
    entity: ENTITY,
    period: MONTH,
    currency: "EUR",
    asOf: null,
    scayle: { ...amounts, lines: 1, unknownTaxLines: 0 },
    erp: { ...amounts, lines: 1, unknownTaxLines: 0 },
    causes: [],
    unexplained: { count: 0, net: 0n, tax: 0n, gross: 0n },
    buckets: { scayle: {}, erp: {} },
    proofs: [{ name: "nothing-lost", ok: true, detail: "" }],
    tiesOut: true,
  };
  const facts: Facts = {
    totals: [totals],
    cutOff: null,
    debt: [],
    materiality: 500n,
    currency: "EUR",
    taxOpen: 0,
    late: [],
  };

  it("are complete while the facts hold, and no longer", () => {
    expect(judge("proof-green", facts).holds).toBe(true);
    const broken = { ...totals, proofs: [{ name: "nothing-lost", ok: false, detail: "1 line lost" }] };
    expect(judge("proof-green", { ...facts, totals: [broken] })).toEqual({
      holds: false,
      says: "Nothing fetched was lost: 1 line lost.",
    });
    const open = { ...totals, unexplained: { count: 2, net: 0n, tax: 0n, gross: 350n } };
    expect(judge("nothing-unexplained", { ...facts, totals: [open] })).toEqual({
      holds: false,
      says: "3.50 EUR on 2 subjects unexplained.",
    });
    expect(judge("tax-ties", facts).holds).toBe(true);
    expect(judge("tax-ties", { ...facts, taxOpen: 1 }).holds).toBe(false);
    const moved = { ...totals, erp: { ...totals.erp, tax: 18n } };
    expect(judge("tax-ties", { ...facts, totals: [moved] }).holds).toBe(false);
    const none = { net: 0n, tax: 0n, gross: 0n };
    const late = {
      from: "2026-08",
      currency: "EUR",
      count: 3,
      tax: -19n,
      gross: -119n,
      proposed: none,
      approved: none,
    };
    const lateSays = (values: Partial<typeof late>) =>
      judge("late-arrivals-none", { ...facts, late: [{ ...late, ...values }] });
    expect(lateSays({})).toEqual({
      holds: false,
      says: "3 orders came to closed months: no approved journal stands for −1.19 EUR (tax −0.19) of it, nor the decision that none is needed.",
    });
    const all = { net: -100n, tax: -19n, gross: -119n };
    expect(lateSays({ proposed: all }).holds).toBe(false);
    expect(lateSays({ approved: all }).holds).toBe(true);
    expect(lateSays({ approved: { ...all, gross: -118n } }).holds).toBe(false);
    expect(lateSays({ tax: 0n, gross: 0n }).holds).toBe(true);
    expect(judge("feeds-at-cut-off", facts).holds).toBe(false);
  });

  it("are told to whoever signs, with what people have not done; debt and tax always", () => {
    const templates = defaultTemplates(ENTITY);
    const debt = { ...facts, debt: [{ currency: "EUR", extent: 173717n, count: 3 }], taxOpen: 1 };
    const said = [
      "Debt: 1,737.17 EUR on 3 exceptions: not below materiality (5.00 EUR).",
      "VAT: 1 exception of tax codes or tax still open.",
    ];
    const work = openWorkOf(templates, new Map(), debt);
    expect(work.tasks).toEqual({ complete: 3, of: 9 });
    expect(work.open).toEqual(expect.arrayContaining(said));
    expect(work.open).toHaveLength(6);
    expect(openWorkOf([], new Map(), debt)).toMatchObject({ tasks: { complete: 0, of: 0 }, open: said });
    expect(openWorkOf([], new Map(), facts, { asked: [4], unbooked: [2, 3] }).open).toEqual([
      "Corrections: journal 4 not decided.",
      "Corrections: journals 2, 3 approved, and neither posted nor exported.",
    ]);
  });

  it("measure debt in the entity's currency alone: others are never converted", () => {
    const debt = (currency: string, extent: bigint) => ({ ...facts, debt: [{ currency, extent, count: 1 }] });
    expect(judge("debt-below-materiality", facts).holds).toBe(true);
    expect(judge("debt-below-materiality", debt("EUR", 499n)).holds).toBe(true);
    expect(judge("debt-below-materiality", debt("EUR", 500n)).holds).toBe(false);
    expect(judge("debt-below-materiality", debt("GBP", 1n)).holds).toBe(false);
  });
});

describe("working days of a close", () => {
  const germany = { country: "DE", entered: new Map() };
  it.each([
    // 31 October 2026 is a Saturday.
    [1, "2026-11-02"],
    [5, "2026-11-06"],
    [-1, "2026-10-30"],
    [-2, "2026-10-29"],
  ])("WD%s of October 2026 is %s", (count, day) => {
    expect(closeDay("2026-10", count, germany)).toBe(day);
  });
  it("ask for nothing of a month before it is over", () => {
    expect(defaultTemplates(ENTITY).filter(({ dueDay }) => dueDay < 1)).toEqual([]);
  });
  it("leaves out holidays on either side of the month's end", () => {
    expect(closeDay("2025-12", 1, germany)).toBe("2026-01-02");
    expect(closeDay("2026-12", -5, germany)).toBe("2026-12-24");
  });
});
