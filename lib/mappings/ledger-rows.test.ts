import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { findForFile, findPayments, findReferences, findRequest, findRowHistory } from "./data";
import { writeMappingFile } from "./file";
import { askForRow, importMappings } from "./import";
import { findNameProposals, findPaymentProposals } from "./proposals";
import { askForMappings, decideRequest } from "./requests";
import type { MappingChange, MappingTable } from "./schema";

// References and ways of paying: rows that are of one ERP connection.

process.env["TIEOUT_SECRET"] ||= "a secret of thirty-two characters or more";

const E = "E1";
const NOW = new Date("2026-12-20T08:00:00Z");
const TABLES =
  "line document document_version sales_order order_alias alias_form source_record dirty_group pair pair_line tally cause exception exception_event period_summary run audit_event tax_mapping item_mapping reference_rule payment_mapping payment_use mapping_request".split(
    " ",
  );
let database: TestDatabase;
let stores: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let ticks = 0;
const now = () => new Date(NOW.getTime() + ticks++);

const person = (name: string, role: Actor["grants"][number]["role"]): Actor => ({
  id: `33333333-3333-3333-3333-${name.padEnd(12, "0").slice(0, 12)}`,
  name,
  email: `${name}@example.com`,
  grants: [{ role, entityId: E }],
  demo: false,
});
const ada = person("ada", "administrator");
const rosa = person("rosa", "finance-reviewer");
const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const reconcile = () =>
  runReconciliation({ full: true }, { actorName: "Test", now, pool: database.ownerPool });
const connectionId = () => stores.ledger.connectionId;
const NAME = "ledger";

beforeAll(async () => {
  database = await createTestDatabase();
  stores = await prepare(database.ownerPool);
  await rows("UPDATE connection SET name = $2 WHERE id = $1", [connectionId(), NAME]);
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyTables(database.ownerPool, TABLES);
  await rows("UPDATE entity SET none_tax_codes = '{}', posting_lag_hours = 72, second_person = true");
});

/** Orders paid in several ways; what each invoice says of its order and of its payment. */
async function books(
  ...given: readonly Readonly<{ paid: string; reference?: string; code?: string; gift?: boolean }>[]
): Promise<void> {
  await inTransaction(database.ownerPool, async (client) => {
    for (const [index, { paid, reference, code, gift = false }] of given.entries()) {
      const id = String(index + 1);
      const payments = [
        { key: paid, amount: null, giftCard: false },
        ...(gift ? [{ key: "gift_card", amount: null, giftCard: true }] : []),
      ];
      const gross = 11_900n + BigInt(index) * 119n;
      const amounts = { net: 10_000n + BigInt(index) * 100n, tax: 1_900n + BigInt(index) * 19n, gross };
      const sold = item({ id: `${id}-1`, ...amounts });
      await storeOrders(client, stores.orders, [
        reading(order({ id, reference: `R-${id}`, items: [sold], payments })),
      ]);
      await storeLedger(client, stores.ledger, [
        reading(
          invoice({
            sourceId: `g-${id}`,
            number: `N-${id}`,
            reference: reference ?? `R-${id}`,
            stated: amounts,
            lines: [line({ ...amounts, unitPrice: null })],
            ...(code !== undefined && { payment: code }),
          }),
        ),
      ]);
    }
  });
  await reconcile();
}

const named = (text: string, to: string, more: object = {}): MappingChange => ({
  kind: "reference",
  connectionId: connectionId(),
  part: "name",
  text,
  order: to,
  ...more,
});
const paying = (paymentKey: string, erpCode: string, more: object = {}): MappingChange => ({
  kind: "payment",
  connectionId: connectionId(),
  shopId: "*",
  paymentKey,
  erpCode,
  ...more,
});
const ask = (changes: MappingChange[], actor = ada) =>
  askForMappings(actor, { entityId: E, changes, source: "change" }, { now, pool: database.ownerPool });
const approve = (id: string, actor = rosa) =>
  decideRequest(
    actor,
    { entityId: E, id, version: 1, decision: "approve", why: "" },
    { now, pool: database.ownerPool },
  );
const load = (table: MappingTable, text: string) =>
  importMappings(ada, { entityId: E, table, text, reason: "" }, { now, pool: database.ownerPool });
const open = async () =>
  (
    await rows(
      "SELECT order_reference, cause FROM exception WHERE state NOT IN ('resolved', 'explained', 'accepted') ORDER BY 2, 1",
    )
  ).map((row) => `${row.order_reference} ${row.cause}`);

describe("a whole reference that is an order’s", () => {
  it("is previewed on every order and holds once a second person approves it; then what it foresaw has come", async () => {
    await books({ paid: "card" }, { paid: "card", reference: "ELSE-7" });
    expect(await open()).toEqual(["R-2 sale-missing-in-erp", "ELSE-7 sale-missing-in-scayle"]);
    const { id } = await ask([named("else-7", "R-2")]);
    expect(await findRequest(E, id)).toMatchObject({
      foreseen: {
        effect: {
          matchesWon: 1,
          matchesLost: 0,
          cleared: [
            { cause: "sale-missing-in-erp", count: 1 },
            { cause: "sale-missing-in-scayle", count: 1 },
          ],
          made: [],
        },
        references: {
          won: 1,
          lost: 0,
          elsewhere: 0,
          ambiguous: 0,
          examples: [{ number: "N-2", order: "R-2", before: null }],
        },
      },
    });
    expect(await rows("SELECT FROM reference_rule")).toEqual([]);
    expect(await rows("SELECT FROM document WHERE NOT order_known")).toHaveLength(1);
    await expect(approve(id, ada)).rejects.toMatchObject({ code: "not-allowed" });
    await approve(id);
    await reconcile();
    expect(await open()).toEqual([]);
    expect(await findReferences(E, "else", 1)).toMatchObject({
      total: 1,
      rows: [{ part: "name", text: "else-7", order: "R-2", connection: NAME, by: "ada, approved by rosa" }],
    });
    expect(await findRequest(E, id)).toMatchObject({ actual: { effect: { matchesWon: 1 } } });
    expect(await findRowHistory(E, `reference ${NAME} name else-7`)).toMatchObject([
      {
        before: null,
        after: { order: "R-2" },
        requestId: id,
        askedBy: "ada",
        approvedBy: "rosa",
        remark: null,
      },
    ]);
    // Taken away again, the document is on its own.
    const gone = await ask([
      { kind: "reference-gone", connectionId: connectionId(), part: "name", text: "ELSE-7" },
    ]);
    expect((await findRequest(E, gone.id))?.foreseen).toMatchObject({
      effect: { matchesLost: 1 },
      references: { won: 0, lost: 1 },
    });
  });

  it("holds on the days that it names, and two of the same share none", async () => {
    await books({ paid: "card" }, { paid: "card", reference: "ELSE-7" });
    const { id } = await ask([named("ELSE-7", "R-2", { validFrom: "2026-11-01" })]);
    expect((await findRequest(E, id))?.foreseen).toMatchObject({ references: { won: 0, lost: 0 } });
    await expect(
      ask([
        named("ELSE-7", "R-2", { validUntil: "2026-10-31" }),
        named("else-7", "R-1", { validFrom: "2026-10-31" }),
      ]),
    ).rejects.toMatchObject({ code: "invalid" });
    await expect(ask([named("ELSE-7", "R-99")])).rejects.toMatchObject({ code: "not-found" });
    await expect(ask([named("ELSE-7", "R-2")], person("eve", "operations"))).rejects.toMatchObject({
      code: "not-allowed",
    });
  });

  it("is proposed where a document on its own has the amount that the ERP lacks, with what else has it", async () => {
    await books({ paid: "card" }, { paid: "card", reference: "ELSE-7" });
    expect(await findNameProposals(E)).toMatchObject([
      { change: { kind: "reference", part: "name", text: "ELSE-7", order: "R-2" }, against: [] },
    ]);
    await inTransaction(database.ownerPool, async (client) => {
      const twin = item({ id: "9-1", net: 10_100n, tax: 1_919n, gross: 12_019n });
      await storeOrders(client, stores.orders, [
        reading(order({ id: "9", reference: "R-9", items: [twin] })),
      ]);
    });
    await reconcile();
    const proposals = await findNameProposals(E);
    expect(proposals.map((one) => one.against)).toEqual([
      [{ what: "other orders that lack a document of this amount", count: 1, examples: ["R-9"] }],
      [{ what: "other orders that lack a document of this amount", count: 1, examples: ["R-2"] }],
    ]);
  });
});

it("shows a reference as it was typed, and knows it however its letters are written", async () => {
  await books({ paid: "card" }, { paid: "card", reference: "ELSE-7" });
  await approve((await ask([named("Else-7", "R-2")])).id);
  const shown = async () => (await findReferences(E, "", 1)).rows.map((row) => row.text);
  expect(await shown()).toEqual(["Else-7"]);
  expect(await rows("SELECT text, written FROM reference_rule")).toEqual([
    { text: "else-7", written: "Else-7" },
  ]);
  expect(await findForFile(E, "references")).toMatchObject([{ text: "Else-7" }]);
  await reconcile();
  expect(await open()).toEqual([]);
  // The same one with other letters is the same row, shown as it was typed last.
  await approve((await ask([named("ELSE-7", "R-2", { validUntil: "2026-12-31" })])).id);
  expect(await shown()).toEqual(["ELSE-7"]);
  await rows("UPDATE reference_rule SET written = NULL");
  expect(await shown()).toEqual(["else-7"]);
});

describe("a way of paying", () => {
  it("is proposed from posted documents with those that say otherwise, and its rows say what is posted with them", async () => {
    await books(
      { paid: "card", code: "PREPAID" },
      { paid: "card", code: "PREPAID", gift: true },
      { paid: "card", code: "30 DAYS" },
      { paid: "card" },
      { paid: "invoice", code: "30 DAYS" },
    );
    const proposals = await findPaymentProposals(E);
    expect(proposals.map(({ change, speaking, against }) => [change, speaking[0]?.count, against])).toEqual([
      [
        { ...paying("card", "PREPAID") },
        2,
        [
          { what: "posted without a code", count: 1, examples: ["R-4"] },
          { what: "posted with 30 DAYS", count: 1, examples: ["R-3"] },
        ],
      ],
      [{ ...paying("invoice", "30 DAYS") }, 1, []],
    ]);
    const { id } = await ask(proposals.map((one) => one.change));
    expect(await findRequest(E, id)).toMatchObject({
      movesFigures: false,
      foreseen: {
        payments: [
          { agreeing: 2, others: [{ documents: 1 }, { documents: 1 }] },
          { agreeing: 1, others: [] },
        ],
      },
    });
    await approve(id);
    expect((await findPayments(E, "card", 1)).rows).toMatchObject([
      {
        paymentKey: "card",
        erpCode: "PREPAID",
        agreeing: 2,
        others: 2,
        otherCodes: [
          { code: "", documents: 1 },
          { code: "30 DAYS", documents: 1 },
        ],
      },
    ]);
    expect(await findPaymentProposals(E)).toEqual([]);
    expect(await open()).toEqual([]);
    const typo = await ask([
      paying("invioce", "PREPIAD"),
      paying("card", "30 DAYS", { validFrom: "2027-01-01", replaces: "beginning" }),
    ]);
    expect((await findRequest(E, typo.id))?.foreseen?.payments).toMatchObject([
      {
        agreeing: 0,
        unknownKey: { key: "invioce", nearest: ["invoice"] },
        unknownCode: { code: "PREPIAD", nearest: ["PREPAID"] },
      },
      expect.not.objectContaining({ unknownKey: expect.anything(), unknownCode: expect.anything() }),
    ]);
    await expect(ask([paying("card", "X", { shopId: "E1/none" })])).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("a file or a form with rows of one ERP", () => {
  it("is told all that is wrong with it at once, names that are not there among it", async () => {
    await books({ paid: "card" });
    const text = [
      "connection,part,text,order,valid_from,valid_until",
      "elsewhere,whole reference,X-1,R-77,,",
      `${NAME},whole reference,X-2,R-99,,`,
      `${NAME},beginning,WEB-,R-1,,`,
      `${NAME},middle,WEB-,,,`,
      `${NAME},separators,AB,,2026-13-01,`,
      `,whole reference,X-3,R-1,2026-01-01,2026-06-30`,
      `,whole reference,x-3,R-1,2026-06-30,`,
    ].join("\n");
    const { id, problems } = await load("references", text);
    expect(id).toBeNull();
    expect(problems.map(({ line: at, column }) => `${at} ${column}`)).toEqual([
      "2 connection",
      "2 order",
      "3 order",
      "4 order",
      "5 part",
      "6 valid_from",
      "6 text",
      "8 (all)",
    ]);
    const payments = await load("payments", "shop,payment,erp_code\nnowhere,card,PRE\nany,,PRE\n");
    expect(payments.problems.map(({ line: at, column }) => `${at} ${column}`)).toEqual([
      "2 shop",
      "3 payment",
    ]);
    const both = await load("payments", "shop,payment,erp_code,holds\nnowhere,card,PRE,perhaps\n");
    expect(both.problems.map(({ line: at, column }) => `${at} ${column}`)).toEqual(["2 holds", "2 shop"]);
    const [shop] = await rows(
      `INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name) VALUES ('e1/ms/at', 'E1', $1, 'ms', 'at', 'Moda AT')
       ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name`,
      [stores.orders.connectionId],
    );
    const byName = await load("payments", `shop,payment,erp_code\n${shop?.name},card,PRE\n`);
    expect((await findRequest(E, byName.id ?? ""))?.changes).toMatchObject([{ shopId: shop?.id }]);
    for (const [text, what] of [
      [" \n", /empty/],
      ["PK\u0003\u0004\u0014", /workbook/],
    ] as const)
      expect((await load("items", text)).problems).toMatchObject([
        { column: "(all)", what: expect.stringMatching(what) },
      ]);
    const percent = await load("tax-codes", "ships_to,channel,rate,tax_code,right\nDE,any,19 %,VAT19,yes\n");
    expect((await findRequest(E, percent.id ?? ""))?.changes).toMatchObject([{ rate: "0.19" }]);
    const codes = await load(
      "tax-codes",
      "ships_to,channel,rate,tax_code,right\nDE,key:nobody,0.19,VAT19,yes\n",
    );
    expect(codes.problems).toMatchObject([{ line: 2, column: "channel" }]);
  });

  it("comes out as it went in: what is exported says nothing new when it is imported again", async () => {
    await books({ paid: "card" });
    const { id } = await ask([
      named("X-1", "R-1", { validUntil: "2026-12-31" }),
      { kind: "reference", connectionId: connectionId(), part: "zeros", text: "", order: null },
      { kind: "reference", connectionId: connectionId(), part: "separators", text: "-/", order: null },
      paying("card", "PREPAID"),
    ]);
    await approve(id);
    for (const table of ["references", "payments"] as const) {
      const text = writeMappingFile(table, await findForFile(E, table));
      await expect(load(table, text)).rejects.toMatchObject({ code: "invalid" });
    }
    const given = await load("payments", "payment,shop,erp_code,holds\ncard,any,PREPAID,no\n");
    expect((await findRequest(E, given.id ?? ""))?.changes).toMatchObject([
      { kind: "payment-gone", paymentKey: "card" },
    ]);
  });

  it("takes the place of the row that the form changes", async () => {
    await books({ paid: "card" });
    await approve((await ask([paying("card", "PREPAID")])).id);
    const form = (draft: Record<string, string>, more: object = {}) =>
      askForRow(
        ada,
        {
          entityId: E,
          table: "payments",
          draft: { connection: NAME, shopId: "*", paymentKey: "card", holds: "yes", ...draft },
          replaces: "beginning",
          reason: "",
          ...more,
        },
        { now, pool: database.ownerPool },
      );
    expect((await form({ erpCode: "" })).problems).toMatchObject([{ column: "erp_code" }]);
    await expect(form({ erpCode: "PREPAID" })).rejects.toMatchObject({ code: "invalid" });
    const { id } = await form({ erpCode: "CARD", validFrom: "2026-11-01" });
    await approve(id ?? "");
    expect(await rows("SELECT erp_code, valid_from FROM payment_mapping")).toEqual([
      { erp_code: "CARD", valid_from: "2026-11-01" },
    ]);
    // Or what it said goes on until the day before, in one request.
    const kept = await form(
      { erpCode: "LATER", validFrom: "2026-12-01" },
      { replaces: "2026-11-01", keeps: true },
    );
    await approve(kept.id ?? "");
    expect(
      await rows("SELECT erp_code, valid_from, valid_until FROM payment_mapping ORDER BY valid_from"),
    ).toEqual([
      { erp_code: "CARD", valid_from: "2026-11-01", valid_until: "2026-11-30" },
      { erp_code: "LATER", valid_from: "2026-12-01", valid_until: null },
    ]);
  });
});
