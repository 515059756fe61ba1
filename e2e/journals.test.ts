import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { person } from "@/lib/close/fixtures";
import { findPostings, postJournal } from "@/lib/close/journal-posting";
import { decideJournal, exportJournals, proposeJournal, setAccounts } from "@/lib/close/journals";
import { differenceOf, type JournalContext, runJournal } from "@/lib/close/run-journal";
import { createHttpClient } from "@/lib/connectors/http";
import type { JournalWriter } from "@/lib/connectors/journal";
import { businessCentralConnector } from "@/lib/connectors/registry";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { makeEntity } from "@/lib/exceptions/fixtures";
import { sandboxConnections } from "@/lib/sandbox/connections";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import type { FaultRule } from "@/lib/sandbox/write-faults";

/* Journals that are posted through Business Central's API: once, whatever is lost or killed on the way, and read back. */

const ENTITY = "MODA-EU";
const MONTH = "2026-10";
let clock = Date.parse("2026-11-20T12:00:00Z");
const now = () => new Date(clock);
let database: TestDatabase;
let sandbox: Sandbox;
const connectionId = randomUUID();
const petra = person("Petra", ["finance-preparer"]);
const rosa = person("Rosa", ["finance-reviewer"]);
const admin = person("Admin", ["administrator"]);
const auditor = person("Ada", ["auditor"]);

beforeAll(async () => {
  sandbox = await startSandbox({
    world: makeWorld({ seed: 5, orders: 60, anchor: "2026-10", faults: "none" }),
    ...{ now: () => clock, port: 0 },
  });
  database = await createTestDatabase();
  await makeEntity(database.ownerPool, ENTITY);
  await database.ownerPool.query("INSERT INTO period (entity_id, month) VALUES ($1, $2)", [ENTITY, MONTH]);
  await database.ownerPool.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings) VALUES ($1, $2, 'business-central', 'erp', 'BC', $3::jsonb)`,
    [connectionId, ENTITY, JSON.stringify(settings())],
  );
  for (const purpose of ["rounding", "accrual", "write-off"] as const)
    await setAccounts(
      admin,
      { entityId: ENTITY, purpose, net: "8401", tax: "1777", gross: "1590" },
      { now: now() },
    );
}, 120_000);
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

function settings() {
  const own = sandboxConnections(sandbox.url).find(({ entity }) => entity.code === ENTITY);
  if (!own) throw new Error("no such entity");
  const { clientSecret: _, ...rest } = own.businessCentral;
  return { ...rest, localCurrency: "EUR" };
}

const writer = (): JournalWriter => {
  const own = sandboxConnections(sandbox.url).find(({ entity }) => entity.code === ENTITY);
  const { journals } = businessCentralConnector.open(
    businessCentralConnector.settings.parse(settings()),
    { clientSecret: own?.businessCentral.clientSecret ?? "" },
    {
      http: createHttpClient({ fetch, now, sleep: async () => undefined, random: () => 0 }),
      signal: new AbortController().signal,
    },
  );
  if (!journals) throw new Error("it posts no journals");
  return journals;
};
/** The surroundings; `dies` throws in the place of a request, as a process that is killed does. */
const context = (
  dies: (advance: JournalWriter["advance"]) => JournalWriter["advance"] = (one) => one,
): JournalContext => ({
  pool: database.ownerPool,
  now,
  open: async () => {
    const one = writer();
    return { system: "BC", writer: { ...one, advance: dies(one.advance) } };
  },
});

const faults = async (...rules: readonly Partial<FaultRule>[]) => {
  const { scayle } = sandboxConnections(sandbox.url)[0] ?? {};
  const response = await fetch(`${sandbox.url}/sandbox/faults`, {
    method: "POST",
    headers: { "x-access-token": scayle?.accessToken ?? "", "content-type": "application/json" },
    body: JSON.stringify({ faults: rules }),
  });
  expect(response.status).toBe(200);
};

/** An approved journal, of amounts of its own. */
async function approved(
  purpose: "rounding" | "accrual" | "write-off",
  net: bigint,
  tax: bigint,
  reverse = false,
) {
  await database.ownerPool.query("DELETE FROM cause");
  await database.ownerPool.query("DELETE FROM journal_posting_step");
  await database.ownerPool.query("DELETE FROM journal_posting");
  await database.ownerPool.query("DELETE FROM journal");
  const [code, bucket] = {
    rounding: ["rounding", "explained"],
    accrual: ["cut-off", "open"],
    "write-off": ["price-wrong", "accepted"],
  }[purpose];
  await database.ownerPool.query(
    `INSERT INTO cause (order_key, id, entity_id, code, bucket, document_kind, period, currency, net, tax, gross)
     VALUES (gen_random_uuid(), gen_random_uuid(), $1, $2, $3, 'sale', $4, 'EUR', $5, $6, $7)`,
    [ENTITY, code, bucket, MONTH, net, tax, net + tax],
  );
  const { id } = await proposeJournal(
    petra,
    {
      entityId: ENTITY,
      month: MONTH,
      purpose,
      currency: "EUR",
      gross: net + tax,
      tax,
      reason: "As agreed.",
      reverse,
    },
    { now: now() },
  );
  await decideJournal(rosa, { entityId: ENTITY, id, approve: true, why: "" }, { now: now() });
  return id;
}
const post = (id: string, actor = petra) =>
  postJournal(actor, { entityId: ENTITY, id, connectionId }, { now: now(), pool: database.ownerPool });
const refused = (act: Promise<unknown>) =>
  act.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );
const posting = async (id: string) => (await findPostings(database.ownerPool, [id]))[0];

/** The entries that the ledger has under a journal's number, as a person would look them up there. */
async function entries(id: string) {
  const seen = await writer()
    .look(
      {
        currency: "EUR",
        postingDay: "2026-10-31",
        text: "",
        lines: [{ account: "0", debit: 0n, credit: 0n, text: "" }],
      },
      id,
    )
    .catch(() => null);
  return seen?.state === "done" ? seen.lines : [];
}
/** Works on it until it ends, with the clock going on. */
async function until(id: string, of = context()): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    await runJournal(id, of);
    if ((await posting(id))?.endedAt) return;
    clock += 4_000;
  }
}

const WRITTEN_OFF = [
  { account: "1590", debit: 0n, credit: 595n },
  { account: "8401", debit: 500n, credit: 0n },
  { account: "1777", debit: 95n, credit: 0n },
];

describe("a journal that is posted", () => {
  it("is sent step by step, read back from the ledger, and held against what was approved", async () => {
    const id = await approved("write-off", -500n, -95n);
    expect(await refused(post(id, auditor))).toBe("not-allowed");
    expect(await post(id)).toEqual({ numbers: [1] });
    expect(await refused(post(id))).toBe("conflict");
    await until(id);
    expect(await posting(id)).toMatchObject({ state: "posted", connection: "BC" });
    expect(await entries(id)).toEqual(WRITTEN_OFF);
    // The same job once more, and the same button.
    await runJournal(id, context());
    expect(await refused(post(id))).toBe("conflict");
    expect(await entries(id)).toEqual(WRITTEN_OFF);
    const { rows } = await database.ownerPool.query(
      "SELECT action, actor_name FROM audit_event WHERE subject = $1 ORDER BY seq",
      [`journal:${id}`],
    );
    expect(rows.map((row) => row.action)).toEqual([
      "journal.propose",
      "journal.approve",
      "journal.post",
      "journal.posted",
    ]);
    // What is posted is in no file: taken in from one it would count twice.
    const take = (again: boolean) =>
      refused(exportJournals(petra, { entityId: ENTITY, month: MONTH, again }, { now: now() }));
    expect([await take(false), await take(true)]).toEqual(["conflict", "conflict"]);
  });

  it.each(["lost", "error-after", "error-before"] as const)(
    "is there once where the answer to any of its steps is %s",
    async (fault) => {
      for (const on of ["journal", "journal-line", "journal-post"] as const) {
        const id = await approved("write-off", -500n, -95n);
        await post(id);
        await faults({ fault, on });
        await until(id);
        expect(await posting(id), on).toMatchObject({ state: "posted" });
        expect(await entries(id)).toEqual(WRITTEN_OFF);
      }
    },
  );

  it("is there once where we are killed before or after any request", async () => {
    for (let at = 0; at < 5; at += 1) {
      for (const after of [false, true]) {
        const id = await approved("write-off", -500n, -95n);
        await post(id);
        let count = 0;
        const dying = context((advance) => async (write, key, seen) => {
          const isIt = count++ === at;
          if (isIt && !after) throw new Error("killed");
          const next = await advance(write, key, seen);
          if (isIt) throw new Error("killed");
          return next;
        });
        await expect(runJournal(id, dying)).rejects.toThrow("killed");
        clock += 4_000;
        await until(id);
        expect(await posting(id), `${at} ${after}`).toMatchObject({ state: "posted" });
        expect(await entries(id)).toEqual(WRITTEN_OFF);
      }
    }
  });

  it("goes once where two jobs are at it at the same time", async () => {
    const id = await approved("write-off", -500n, -95n);
    await post(id);
    await Promise.all([runJournal(id, context()), runJournal(id, context()), runJournal(id, context())]);
    await until(id);
    expect(await entries(id)).toEqual(WRITTEN_OFF);
  });

  it("that the ERP refuses is told with its words, and can be posted again", async () => {
    const id = await approved("write-off", -500n, -95n);
    await post(id);
    await faults({ fault: "reject", on: "journal-post" });
    await until(id);
    expect(await posting(id)).toMatchObject({
      state: "refused",
      outcome: expect.stringContaining("The combination of dimensions used in the journal is blocked"),
    });
    expect(await entries(id)).toEqual([]);
    await post(id);
    await until(id);
    expect(await posting(id)).toMatchObject({ state: "posted" });
    expect(await entries(id)).toEqual(WRITTEN_OFF);
  });

  it("names an account that the ERP doesn't have", async () => {
    await setAccounts(
      admin,
      { entityId: ENTITY, purpose: "rounding", net: "9999", tax: "1777", gross: "1590" },
      { now: now() },
    );
    const id = await approved("rounding", 3n, -2n);
    await post(id);
    await until(id);
    expect(await posting(id)).toMatchObject({
      state: "refused",
      outcome: expect.stringContaining('The "accountNumber" does not match to an Account'),
    });
  });

  it("takes with it what takes it back on the first day of the next month", async () => {
    const id = await approved("accrual", 10_000n, 1_900n);
    expect(await post(id)).toEqual({ numbers: [1, 2] });
    const { rows } = await database.ownerPool.query<{ id: string }>(
      "SELECT id FROM journal WHERE reverses = $1",
      [id],
    );
    const back = rows[0]?.id ?? "";
    await until(id);
    await until(back);
    expect(await entries(id)).toEqual([
      { account: "1590", debit: 11_900n, credit: 0n },
      { account: "8401", debit: 0n, credit: 10_000n },
      { account: "1777", debit: 0n, credit: 1_900n },
    ]);
    expect(await posting(back)).toMatchObject({ state: "posted" });
    const net = [...(await entries(id)), ...(await entries(back))].reduce(
      (sum, line) => sum.set(line.account, (sum.get(line.account) ?? 0n) + line.debit - line.credit),
      new Map<string, bigint>(),
    );
    expect([...net.values()]).toEqual([0n, 0n, 0n]);
  });

  it("is approved by a second person, handed over one way, and in the company's currency", async () => {
    const id = await approved("write-off", -500n, -95n);
    await database.ownerPool.query("UPDATE journal SET state = 'asked', decided_at = NULL WHERE id = $1", [
      id,
    ]);
    expect(await refused(post(id))).toBe("conflict");
    await database.ownerPool.query(
      "UPDATE journal SET state = 'approved', decided_at = now() WHERE id = $1",
      [id],
    );
    await database.ownerPool.query("UPDATE journal SET currency = 'GBP' WHERE id = $1", [id]);
    expect(await refused(post(id))).toBe("invalid");
    await database.ownerPool.query("UPDATE journal SET currency = 'EUR' WHERE id = $1", [id]);
    await exportJournals(petra, { entityId: ENTITY, month: MONTH }, { now: now() });
    expect(await refused(post(id))).toBe("conflict");
  });
});

it("is held against the ledger by account and day", () => {
  const write = {
    ...{ currency: "EUR", postingDay: "2026-10-31", text: "" },
    lines: [
      { account: "1590", debit: 100n, credit: 0n, text: "" },
      { account: "8401", debit: 0n, credit: 100n, text: "" },
    ],
  };
  const lines = write.lines.map(({ text: _, ...line }) => line);
  expect(differenceOf(write, { postingDay: "2026-10-31", lines })).toBeNull();
  expect(differenceOf(write, { postingDay: "2026-11-01", lines })).toContain("2026-11-01");
  expect(
    differenceOf(write, {
      postingDay: "2026-10-31",
      lines: [...lines, { account: "1776", debit: 0n, credit: 16n }],
    }),
  ).toContain("1776");
});
