import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import type { SalesOrder } from "@/lib/domain/order";
import { openStates } from "@/lib/exceptions/machine";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeInvoices } from "@/lib/sync/store/invoices";
import { storeLedger } from "@/lib/sync/store/ledger";
import { eraseCustomers } from "@/lib/sync/store/lookup";
import { storeOrders } from "@/lib/sync/store/orders";
import { findOrders, searchOrders } from "./search";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;

const person = (firstName: string, lastName: string, email: string, phone: string) => ({
  customer: { firstName, lastName, email, phone },
});

async function keep(changes: Partial<SalesOrder>, customerKey: string, data: unknown): Promise<void> {
  await inTransaction(database.ownerPool, (client) =>
    storeOrders(client, contexts.orders, [{ ...reading(order(changes)), personal: { customerKey, data } }]),
  );
}

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  const parcel = {
    id: "p1",
    shippedAt: null,
    deliveryStatus: null,
    carrier: "dhl",
    tracking: "JD 0001-4600",
  };
  await keep(
    { id: "5001", reference: "DE-2026-004711", packages: [parcel] },
    "c1",
    person("Anna", "Müller", "anna.mueller@example.com", "+49 170 1234567"),
  );
  await keep(
    { id: "5002", reference: "DE-2026-004712" },
    "c2",
    person("Anna", "Meier", "a.meier@example.org", "040/998877"),
  );
  await keep({ id: "5003", reference: "DE-2026-009000" }, "c3", person("Jörg", "Weiß", "j@example.net", ""));
  await inTransaction(database.ownerPool, (client) =>
    storeLedger(client, contexts.ledger, [
      reading(invoice({ sourceId: "g1", number: "PSI-103388", reference: "DE-2026-004711" })),
    ]),
  );
  const list = [{ id: "9", type: "corrective_invoice", number: "ms-de-77001", createdAt: null }];
  await inTransaction(database.ownerPool, (client) =>
    storeInvoices(client, contexts.orders, [
      {
        orderKey: orderKeyOf(contexts.orders.connectionId, "5003"),
        reading: {
          ...{
            sourceId: "5003",
            reference: null,
            modifiedAt: null,
            payload: list,
            personal: null,
            controls: [],
          },
          result: { ok: true, value: list },
        },
      },
    ]),
  );
});
afterAll(() => database.close());

const found = async (text: string): Promise<readonly string[]> =>
  (await searchOrders(["E1"], text, openStates))
    .map((hit) => `${hit.reference?.slice(-4)} by ${hit.by}, ${hit.closeness}`)
    .sort();

describe("finding an order by what a customer has at hand", () => {
  it.each([
    ["DE-2026-004711", ["4711 by order, exact"]],
    ["de 2026 004711", ["4711 by order, exact"]],
    ["4711", ["4711 by order, part"]],
    ["004711", ["4711 by order, part"]],
    ["de-2026-0047", ["4711 by order, part", "4712 by order, part"]],
    ["de-2026-00471l", ["4711 by order, alike", "4712 by order, alike"]],
    ["DE-2026-040711", ["4711 by order, alike"]],
    ["PSI-103388", ["4711 by document, exact"]],
    ["103388", ["4711 by document, part"]],
    ["jd00014600", ["4711 by tracking, exact"]],
    ["JD 0001 4600", ["4711 by tracking, exact"]],
    ["ms-de-77001", ["9000 by invoice, exact"]],
    ["77001", ["9000 by invoice, part"]],
    ["anna.mueller@example.com", ["4711 by email, exact"]],
    ["Anna.Mueller@", ["4711 by email, part"]],
    ["anna.muller@example.com", ["4711 by email, alike"]],
    ["0170 / 123 45 67", ["4711 by phone, part"]],
    ["0049 40 998877", ["4712 by phone, part"]],
    ["Anna Müller", ["4711 by name, part"]],
    ["mueller anna", ["4711 by name, part"]],
    ["anna", ["4711 by name, part", "4712 by name, part"]],
    ["anna m", ["4711 by name, part", "4712 by name, part"]],
    ["Jorg Weiss", ["9000 by name, part"]],
    ["Joerg Weiß", ["9000 by name, part"]],
    ["WEISS, JÖRG", ["9000 by name, part"]],
    ["Joe", ["9000 by name, part"]],
    ["Ana Muler", ["4711 by name, alike"]],
    ["Anan Meire", ["4712 by name, alike"]],
    ["0170 1234576", ["4711 by phone, alike"]],
    ["+49 170 1334567", ["4711 by phone, alike"]],
    ["Order DE-2026-004711", ["4711 by order, exact"]],
    ["Bestellung Nr. 4711", ["4711 by order, part"]],
    ["Order DE-2026-040711", ["4711 by order, alike"]],
    // One away from an order's number, but of another kind; one away from an invoice, which most are not known of.
    ["INV-2026-004711", []],
    ["ms-de-77002", []],
    ["nobody at all", []],
    ["%", []],
    ["___", []],
  ])("%s", async (text, expected) => {
    // "anna m" has a word of one letter, which is none: what is typed so far still finds both.
    expect(await found(text)).toEqual(expected);
  });

  it("says how many there are, and where there are too many to look at says so", async () => {
    expect(await findOrders(["E1"], "de-2026-0047", openStates)).toMatchObject({ found: 2, isCut: false });
    const client = database.ownerPool;
    await client.query(
      `INSERT INTO sales_order (order_key, entity_id, connection_id, source_id, reference, currency, content, checked_at)
       SELECT md5('many' || n)::uuid, 'E1', $1, 'm' || n, 'XX-' || n, 'EUR', '{}', '2026-11-01T00:00:00Z'
         FROM generate_series(1000, 1149) n`,
      [contexts.orders.connectionId],
    );
    await client.query(
      `INSERT INTO order_alias (order_key, entity_id, alias)
       SELECT order_key, entity_id, lower(reference) FROM sales_order WHERE reference LIKE 'XX-%'`,
    );
    const many = await findOrders(["E1"], "xx-1", openStates);
    expect(many).toMatchObject({ found: 100, isCut: true });
    // The highest numbers were looked at.
    expect(many.hits.every((hit) => Number(hit.reference?.slice(3)) >= 1050)).toBe(true);
    expect(await findOrders(["E1"], "xx-101", openStates)).toMatchObject({ found: 10, isCut: false });
  });

  it("shows the customer's first letters alone", async () => {
    const [hit] = await searchOrders(["E1"], "4711", openStates);
    expect(hit?.customer).toBe("A••• M•••");
  });

  it("narrows names by an initial, and puts the closest of what is similar first", async () => {
    const named = (first: string, last: string) => person(first, last, `${first}@example.org`, "");
    await keep({ id: "5004", reference: "DE-2026-008004" }, "c4", named("Quentin", "Dietrich"));
    await keep({ id: "5005", reference: "DE-2026-008005" }, "c5", named("Paula", "Dietrichs"));
    await database.ownerPool.query(
      "UPDATE sales_order SET placed_at = confirmed_at + interval '9 days' WHERE source_id = '5005'",
    );
    const inOrder = async (text: string) =>
      (await searchOrders(["E1"], text, openStates)).map((hit) => [hit.reference?.slice(-4), hit.closeness]);
    expect(await inOrder("dietrich")).toEqual([
      ["8005", "part"],
      ["8004", "part"],
    ]);
    expect(await inOrder("Q. Dietrich")).toEqual([["8004", "part"]]);
    expect(await inOrder("dietrich p")).toEqual([["8005", "part"]]);
    // Nobody is called so: both are similar.
    expect((await inOrder("X. Dietrich")).map(([, closeness]) => closeness)).toEqual(["alike", "alike"]);
    expect(await inOrder("dietrihc")).toEqual([
      ["8004", "alike"],
      ["8005", "alike"],
    ]);
  });

  it("finds nothing of other entities", async () => {
    expect(await searchOrders(["E2"], "anna", openStates)).toEqual([]);
    expect(await searchOrders([], "4711", openStates)).toEqual([]);
  });
});

describe("a customer who is erased", () => {
  it("is found by nothing any more and stays so, and the books stay", async () => {
    const rows = async (sql: string) => (await database.ownerPool.query(sql)).rows;
    const books = await rows("SELECT * FROM line ORDER BY id");
    const at = new Date("2026-11-01T12:00:00Z");
    const theirs = await inTransaction(database.ownerPool, (client) =>
      eraseCustomers(client, contexts.orders.connectionId, ["c1"], at),
    );
    expect(theirs).toEqual([orderKeyOf(contexts.orders.connectionId, "5001")]);
    for (const text of ["Anna Müller", "anna.mueller@example.com", "01701234567", "jd00014600"])
      expect(await found(text)).toEqual([]);
    expect(await rows("SELECT word FROM customer_word WHERE word = 'muller'")).toEqual([]);
    // Others are called Anna too.
    expect(await found("anna")).toEqual(["4712 by name, part"]);
    expect(await rows("SELECT * FROM line ORDER BY id")).toEqual(books);
    expect((await searchOrders(["E1"], "4711", openStates))[0]?.customer).toBeNull();

    await keep(
      { id: "5004", reference: "DE-2026-009999" },
      "c1",
      person("Anna", "Müller", "anna.mueller@example.com", ""),
    );
    expect(await found("Anna Müller")).toEqual([]);
    expect(await found("DE-2026-009999")).toEqual(["9999 by order, exact"]);
  });
});
