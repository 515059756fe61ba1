import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { AuditActor } from "@/lib/audit/event";
import { createHttpClient } from "@/lib/connectors/http";
import { trytonConnector } from "@/lib/connectors/registry";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { sandboxConnections } from "@/lib/sandbox/connections";
import type { World } from "@/lib/sandbox/model";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectEntity } from "@/lib/settings/connect";
import { candidatesFrom } from "@/lib/settings/connections";
import { runSync } from "@/lib/sync/run";
import { type LedgerSubject, ledgerContract, WRONG } from "../connectors/ledger-contract";
import { ANCHOR, exceptions, found, NOW } from "../support/sandbox-world";
import { type Clerk, minorOf, type Row, signIn } from "./api";
import { addReader, type Company } from "./company";
import { CAUSES, expectedFindings } from "./expected";
import { openTryton } from "./open";
import { PAYMENT_FEE, type Plan, type PlannedDocument, planPostings, SHIPPING, trytonTotals } from "./plan";
import { idOf, makeProducts, type Posted, postDocuments } from "./post";
import { DATABASE, obtainTryton, type TrytonServer } from "./server";

/*
 * A real Tryton: installed, initialised, posted to through its own API, read by Tieout with a user that may only read,
 * and held against the SCAYLE orders of the sandbox.
 */

const WORLD = { seed: 7, orders: 132, anchor: ANCHOR, faults: "none" } as const;
const ENTITY = "SHOP-EU";
const FEED = `${ENTITY}/tryton/documents`;
const READER = { user: "tieout", password: "qm7-Tx4v-Lp9z" } as const;
const ACTOR: AuditActor = { kind: "machine", id: "test", name: "Test" };
const PAGE = 40;

const missing = await obtainTryton((line) => console.info(`Tryton: ${line}`));
if (missing === null) {
  describe("a real Tryton", () => checkTryton());
} else {
  test("there is no Tryton here, so nothing was checked against a real ERP", () => {
    console.warn(`\n*** NOT CHECKED AGAINST A REAL ERP: ${missing}. ***\n`);
    expect(missing).not.toBe("");
  });
}

function checkTryton(): void {
  let tryton: TrytonServer;
  let sandbox: Sandbox;
  let database: TestDatabase;
  let clerk: Clerk;
  let company: Company;
  let products: ReadonlyMap<string, number>;
  let world: World;
  let plan: Plan;
  let posted: Posted;
  const times: string[] = [];

  async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    const result = await work();
    times.push(`${what} ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    return result;
  }

  beforeAll(async () => {
    process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
    database = await createTestDatabase();
    ({ tryton, clerk, company } = await timed("database, server and company", openTryton));
    await addReader(clerk, company.id, READER.user, READER.password);
    world = makeWorld(WORLD);
    // A marketplace that gives no net amounts would leave nothing to hold a net ledger against.
    for (const { order } of world.affairs) order.netKnown = true;
    plan = planPostings(world, NOW.getTime());
    products = await timed("products", () => makeProducts(clerk, company, plan));
    posted = await timed("posting", () => postDocuments(clerk, company, plan.documents, products));
    sandbox = await startSandbox({
      world,
      now: () => NOW.getTime(),
      port: 0,
      scayleLimit: Number.MAX_SAFE_INTEGER,
    });
  }, 400_000);
  afterAll(async () => {
    await sandbox?.close();
    await tryton?.close();
    await database?.close();
  }, 60_000);

  /** The books' clock stands still at the world's moment: the ERP's own date says nothing about it. */
  const undated: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const headers = new Headers(response.headers);
    if (String(input).startsWith(tryton.url)) headers.delete("date");
    return new Response(response.body, { status: response.status, headers });
  };
  const httpOn = (fetchNow: typeof fetch = undated) =>
    createHttpClient({
      fetch: fetchNow,
      now: () => NOW,
      sleep: async () => undefined,
      random: Math.random,
      attemptsMax: 2,
    });
  const bodyOf = (init: RequestInit | undefined) => String(init?.body ?? "");
  const sync = (fetchNow?: typeof fetch) =>
    runSync({ entityId: ENTITY }, { actorName: "Test", now: () => NOW, http: httpOn(fetchNow) });
  const reconcile = () => runReconciliation({}, { actorName: "Test", now: () => NOW });
  const ofTryton = (report: Awaited<ReturnType<typeof sync>>) =>
    report.feeds.find((feed) => feed.feed === FEED);

  async function connect(password: string, fetchNow?: typeof fetch) {
    const scayle = sandboxConnections(sandbox.url).find(({ entity }) => entity.code === "MODA-EU")?.scayle;
    const environment = {
      SCAYLE_BASE_URL: scayle?.baseUrl,
      SCAYLE_ACCESS_TOKEN: scayle?.accessToken,
      SCAYLE_SHOPS: scayle?.shops.map((shop) => `${shop.shopKey}/${shop.countryCode}`).join(","),
      TRYTON_BASE_URL: tryton.url,
      TRYTON_DATABASE: DATABASE,
      TRYTON_USER: READER.user,
      TRYTON_PASSWORD: password,
    };
    const setup = { code: ENTITY, name: null, currency: "EUR", timeZone: "Europe/Berlin" };
    const io = { http: httpOn(fetchNow), signal: new AbortController().signal };
    return connectEntity(
      { ...setup, acceptProposals: true, sandbox: false },
      candidatesFrom(environment, "EUR"),
      { pool: database.ownerPool, io, actor: ACTOR, at: NOW },
    );
  }

  async function watermark(): Promise<Date | null> {
    const { rows } = await database.ownerPool.query<{ watermark: Date | null }>(
      "SELECT watermark FROM feed WHERE id = $1",
      [FEED],
    );
    return rows[0]?.watermark ?? null;
  }

  const numbers = async (): Promise<ReadonlyMap<string, string>> => {
    const ids = new Map([...posted].map(([key, id]) => [id, key]));
    const invoices = await clerk.find("account.invoice", [["id", "in", [...ids.keys()]]], ["number"]);
    return new Map(invoices.map((one) => [ids.get(Number(one["id"])) ?? "", String(one["number"])]));
  };

  async function expected(now: Plan): Promise<ReadonlyMap<string, string>> {
    const numberOf = await numbers();
    return expectedFindings(world, now, {
      entity: ENTITY,
      at: NOW.getTime(),
      numberOf: (key) => numberOf.get(key) ?? key,
    });
  }

  it("totals what was posted as the plan reckons", async () => {
    const fields = ["untaxed_amount", "tax_amount", "total_amount"];
    const invoices = await clerk.find("account.invoice", [["type", "=", "out"]], fields);
    const byId = new Map(invoices.map((one) => [Number(one["id"]), one]));
    // A draft's taxes are reckoned when it is posted.
    const differing = plan.documents.filter((one) => {
      if (!one.posted) return false;
      const record = byId.get(idOf(posted, one.key)) ?? ({} as Row);
      const total = trytonTotals([one]);
      return (
        minorOf(record["untaxed_amount"]) !== total.net ||
        minorOf(record["tax_amount"]) !== total.tax ||
        minorOf(record["total_amount"]) !== total.gross
      );
    });
    expect(differing.map((one) => one.key)).toEqual([]);
    expect(invoices).toHaveLength(plan.documents.length);
  });

  it("tries a wrong password once, and doesn't lock its user out", async () => {
    let logins = 0;
    const counting: typeof fetch = (input, init) => {
      if (bodyOf(init).includes("common.db.login")) logins += 1;
      return undated(input, init);
    };
    await expect(connect("not-the-password-1", counting)).rejects.toThrow(/Tryton can't be used.*401/);
    expect(logins).toBe(1);
    const settings = trytonConnector.settings.parse({
      baseUrl: tryton.url,
      database: DATABASE,
      user: READER.user,
    });
    const io = { http: httpOn(counting), signal: new AbortController().signal };
    const ledger = trytonConnector.open(settings, { password: "not-the-password-2" }, io);
    for (let tries = 0; tries < 4; tries += 1)
      await expect(ledger.documentsOf("DE-1")).rejects.toMatchObject({ fault: { status: 401 } });
    expect(logins).toBe(2);
    const connected = await connect(READER.password, counting);
    // The tax codes that Tryton has posted are right here, and nobody else is there to say so.
    await database.ownerPool.query("UPDATE entity SET second_person = false WHERE id = $1", [ENTITY]);
    expect(connected.connections).toEqual(["SCAYLE", "Tryton"]);
    expect(connected.sees.join("\n")).toContain('Tryton company "Moda Europe", books in EUR');
    expect(logins).toBe(3);
    await database.ownerPool.query(
      `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, line_kind, confirmed_at, confirmed_by)
       SELECT gen_random_uuid(), $1, 'account', item, kind, $2, 'the test'
         FROM unnest($3::text[], $4::text[]) AS one(item, kind)`,
      [ENTITY, NOW, [SHIPPING, PAYMENT_FEE], ["shipping", "fee"]],
    );
    await database.ownerPool.query(
      `UPDATE connection SET settings = settings || '{"pageSize": ${PAGE}}' WHERE kind = 'tryton'`,
    );
  });

  it("reads with a user that may not write anything", async () => {
    const reader = await signIn(tryton.url, READER);
    const [first] = await reader.find("account.invoice", [["state", "=", "draft"]], ["id"]);
    await expect(reader.create("account.invoice", [{ type: "out" }])).rejects.toThrow(/not allowed/);
    await expect(
      reader.call("model.account.invoice.write", [first?.["id"]], { description: "x" }),
    ).rejects.toThrow(/not allowed/);
    await expect(reader.call("model.account.invoice.post", [first?.["id"]])).rejects.toThrow();
  });

  it("leaves its watermark where it was when Tryton dies in the middle of a sync", async () => {
    let pages = 0;
    const dying: typeof fetch = async (input, init) => {
      if (bodyOf(init).includes("model.account.invoice.search_read") && ++pages === 3) await tryton.kill();
      return undated(input, init);
    };
    const report = await sync(dying);
    expect(ofTryton(report)).toMatchObject({ state: "failed", stored: 2 * PAGE });
    expect(ofTryton(report)?.error).toMatch(/could not be reached/);
    expect(await watermark()).toBeNull();
  });

  it("goes on where it was with the next sync, and stores nothing new with the one after it", async () => {
    await tryton.start();
    const first = await timed("first whole sync", () => sync());
    expect(first.feeds.map((feed) => feed.state)).toEqual(first.feeds.map(() => "done"));
    expect(ofTryton(first)).toMatchObject({
      // It goes on after the pages that were stored before Tryton died.
      found: plan.documents.length - 2 * PAGE,
      unchanged: 0,
      stored: plan.documents.length - 2 * PAGE,
      failed: 0,
    });
    const after = await watermark();
    expect(after).not.toBeNull();
    const second = await timed("second sync", () => sync());
    expect(second.feeds.map(({ stored, failed }) => ({ stored, failed }))).toEqual(
      second.feeds.map(() => ({ stored: 0, failed: 0 })),
    );
    expect(await watermark()).toEqual(after);
  });

  it("finds every fault as what it is, to the cent, and nothing else", async () => {
    const report = await timed("reconciliation", reconcile);
    const said = found(await exceptions(database.ownerPool));
    const truth = await expected(plan);
    const right = plan.faults.filter((fault) =>
      CAUSES[fault.name].every(({ cause, kind }) =>
        [...said].some(
          ([subject, amounts]) =>
            truth.get(subject) === amounts &&
            (subject === `${cause} ${ENTITY} ${fault.orderId} ${kind}` || cause === "sale-missing-in-scayle"),
        ),
      ),
    );
    const rounding = [...truth].filter(([subject]) => subject.startsWith("rounding "));
    console.info(
      [
        `Tryton ${tryton.version}: ${plan.orders} orders, ${plan.documents.length} documents; faults planted ${plan.faults.length}, found ${right.length};`,
        `rounding expected on ${rounding.length} orders, found on ${[...said.keys()].filter((one) => one.startsWith("rounding ")).length}.`,
        ...plan.faults.map(({ name, orderId }) => `  ${name} (order ${orderId})`),
        `Times: ${times.join(", ")}.`,
      ].join("\n"),
    );
    expect(Object.fromEntries([...said].sort())).toEqual(Object.fromEntries([...truth].sort()));
    expect(right).toHaveLength(plan.faults.length);
    expect(rounding.length).toBeGreaterThan(0);
    expect(report.entities.map((one) => one.entity)).toEqual([ENTITY]);
  });

  it("takes in what is changed in Tryton, and closes what that puts right", async () => {
    const fault = (name: Plan["faults"][number]["name"]) => plan.faults.find((one) => one.name === name);
    const late: PlannedDocument[] = (fault("missing invoice")?.right ?? []).map((one) => ({
      ...one,
      day: NOW.toISOString().slice(0, 10),
    }));
    await postDocuments(clerk, company, late, products, posted);
    const double = fault("double credit")?.wrong.find((one) => one.key.endsWith(" again"));
    const cancelled = fault("cancelled order invoiced")?.wrong[0];
    const undone = [double, cancelled].flatMap((one) => (one ? [idOf(posted, one.key)] : []));
    await clerk.call("model.account.invoice.cancel", undone);
    const report = await timed("sync of what changed", () => sync());
    expect(ofTryton(report)).toMatchObject({ state: "done", stored: 3, failed: 0 });
    expect(ofTryton(report)?.changed).toHaveLength(2);
    await reconcile();
    const solved = new Set(["missing invoice", "double credit", "cancelled order invoiced"]);
    const closed = plan.faults.filter(({ name }) => solved.has(name));
    const right = closed.flatMap((one) => one.right);
    const others = plan.documents.filter((one) => !closed.some((fault) => fault.orderId === one.orderId));
    const now = {
      ...plan,
      faults: plan.faults.filter((fault) => !closed.includes(fault)),
      documents: [...others, ...right.map((one) => late.find(({ key }) => key === one.key) ?? one)],
    };
    const said = [...found(await exceptions(database.ownerPool))].sort();
    // That a posted document changed is worth a word of its own; of these two it is right.
    const isTold = ([subject]: readonly [string, string]) => subject.startsWith("posted-changed ");
    const told = await database.ownerPool.query(
      "SELECT document_number AS number FROM exception WHERE cause = 'posted-changed' AND state <> 'resolved' ORDER BY 1",
    );
    expect(told.rows.map((row) => row.number)).toEqual(
      (ofTryton(report)?.changed ?? []).map((one) => one.number).sort(),
    );
    expect(Object.fromEntries(said.filter((one) => !isTold(one)))).toEqual(
      Object.fromEntries([...(await expected(now))].sort()),
    );
  });

  const subject: LedgerSubject = {
    open: (http, credentials) =>
      trytonConnector.open(
        trytonConnector.settings.parse({ baseUrl: tryton.url, database: DATABASE, user: READER.user }),
        { password: credentials === "right" ? READER.password : WRONG },
        { http, signal: new AbortController().signal },
      ),
    held: async () => {
      const fields = ["number", "total_amount"];
      const invoices = await clerk.find("account.invoice", [["type", "=", "out"]], fields);
      return invoices.map((one) => {
        const gross = minorOf(one["total_amount"]);
        const number = typeof one["number"] === "string" ? one["number"] : null;
        return { kind: gross < 0n ? "credit" : "sale", sourceId: String(one["id"]), number, gross };
      });
    },
    days: { from: "2026-01-01", to: "2026-12-31" },
    wire: {
      asksForDocuments: (_, body) => body.includes("model.account.invoice.search_read"),
      signsIn: (_, body) => body.includes("common.db.login"),
      spoiled(answer) {
        const { result, ...rest } = answer as { result: Row[] };
        const [first, ...others] = result;
        return { ...rest, result: [{ ...first, total_amount: "not an amount" }, ...others] };
      },
    },
    async change() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const since = new Date();
      const [draft] = await clerk.find("account.invoice", [["state", "=", "draft"]], ["lines"]);
      const [line] = (draft?.["lines"] ?? []) as readonly number[];
      // A draft's line changes without the invoice that it is on.
      await clerk.call("model.account.invoice.line.write", [line], { quantity: 7 });
      const template = plan.documents.find((one) => one.posted && one.way === "invoice");
      const fresh = template ? [{ ...template, key: "fresh", day: NOW.toISOString().slice(0, 10) }] : [];
      await postDocuments(clerk, company, fresh, products, posted);
      return { since, keys: [`sale ${draft?.["id"]}`, `sale ${idOf(posted, "fresh")}`] };
    },
    async remove() {
      const id = await clerk.idOf("account.invoice", [["state", "=", "draft"]]);
      await clerk.call("model.account.invoice.delete", [id]);
      return `sale ${id}`;
    },
  };
  ledgerContract("Tryton", () => subject);
}
