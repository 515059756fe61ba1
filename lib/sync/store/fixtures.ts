import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import {
  lineSums,
  NO_LINES,
  type Priced,
  type SourceControl,
  storedLines,
  totalSums,
} from "@/lib/domain/control";
import type { BookDocument, BookLine } from "@/lib/domain/document";
import type { OrderFee, OrderItem, SalesOrder } from "@/lib/domain/order";
import type { StoreContext } from "./context";

const noon = (day: string): Date => new Date(`${day}T12:00:00Z`);

/** An item of 119.00 with 19 % in it, shipped on 5 October. */
export const item = (changes: Partial<OrderItem> = {}): OrderItem => ({
  id: "1",
  sku: "SKU-1",
  name: "Shirt",
  status: "shipped",
  packageId: null,
  net: 10_000n,
  tax: 1_900n,
  gross: 11_900n,
  taxRate: "0.19",
  shippedAt: noon("2026-10-05"),
  cancelledAt: null,
  returnedAt: null,
  updatedAt: null,
  ...changes,
});

/** An order of one item. */
export const order = (changes: Partial<SalesOrder> = {}): SalesOrder => ({
  id: "1001",
  reference: "DE-1001",
  aliases: [],
  publicKey: null,
  shop: "ms/de",
  channel: "shop_de",
  channelType: "shop",
  shipTo: "DE",
  currency: "EUR",
  status: "shipped",
  orderStatus: null,
  shippingStatus: null,
  billingStatus: null,
  createdAt: noon("2026-10-04"),
  confirmedAt: noon("2026-10-04"),
  invoicedAt: null,
  updatedAt: noon("2026-10-05"),
  items: [item()],
  fees: [],
  packages: [],
  cost: { net: null, tax: null, gross: null, externalPrices: false },
  payments: [],
  vouchers: [],
  ...changes,
});

/** An ERP line that posts that item. */
export const line = (changes: Partial<BookLine> = {}): BookLine => ({
  sourceLineId: "10000",
  kind: "item",
  granularity: "item",
  sku: "SKU-1",
  variant: null,
  account: null,
  quantity: "1",
  unitPrice: "119.00",
  discount: 0n,
  net: 10_000n,
  tax: 1_900n,
  gross: 11_900n,
  taxCode: "VAT19",
  taxRate: "0.19",
  day: "2026-10-05",
  at: null,
  shipment: null,
  description: "Shirt",
  ...changes,
});

/** A posted ERP invoice of that order. */
export const invoice = (changes: Partial<BookDocument> = {}): BookDocument => ({
  side: "erp",
  kind: "sale",
  sourceId: "guid-1",
  number: "INV-1",
  reference: "DE-1001",
  originalNumber: null,
  status: "Open",
  posted: true,
  currency: "EUR",
  shop: null,
  channel: null,
  shipTo: null,
  postingDay: "2026-10-05",
  modifiedAt: noon("2026-10-06"),
  pricesIncludeTax: true,
  stated: { net: 10_000n, tax: 1_900n, gross: 11_900n },
  lines: [line()],
  ...changes,
});

/** What a connector says of a value it read. */
export function reading<T extends SalesOrder | BookDocument>(value: T): Reading<T> {
  const isOrder = "items" in value;
  return {
    sourceId: isOrder ? value.id : value.sourceId,
    reference: value.reference,
    modifiedAt: isOrder ? value.updatedAt : value.modifiedAt,
    payload: value,
    personal: null,
    controls: isOrder ? controlsOfOrder(value) : [controlOfDocument(value)],
    result: { ok: true, value },
  };
}

/** What a connector would say of the payload of such an order: its units and fees, and what came back. */
function controlsOfOrder(value: SalesOrder): readonly SourceControl[] {
  const units = value.items.map((one) => lineSums(value.id, one.id, one));
  const back = value.items
    .filter((one) => one.returnedAt !== null || ["returned", "undeliverable"].includes(one.status ?? ""))
    .map((one) => lineSums(value.id, one.id, turned(one)));
  const isReturn = (fee: OrderFee): boolean => fee.category === "return";
  const fees = [...value.fees.filter((fee) => !isReturn(fee)), ...value.fees.filter(isReturn)].map(
    (fee, index) => ({ fee, sums: lineSums(value.id, `fee-${index}-${fee.key}`, fee) }),
  );
  const sale = [...units, ...fees.filter(({ fee }) => !isReturn(fee)).map(({ sums }) => sums)];
  const credit = [...back, ...fees.filter(({ fee }) => isReturn(fee)).map(({ sums }) => sums)];
  const day = value.createdAt?.toISOString().slice(0, 10) ?? null;
  const base = { day, currency: value.currency, unreadable: 0 };
  return [
    { ...base, kind: "sale", sums: totalSums(sale) },
    ...(credit.length > 0 ? [{ ...base, kind: "credit" as const, sums: totalSums(credit) }] : []),
  ];
}

const controlOfDocument = (value: BookDocument): SourceControl => ({
  kind: value.kind,
  day: value.postingDay,
  currency: value.currency,
  unreadable: 0,
  sums: totalSums(
    storedLines(value).map(({ sourceLineId, line: one }) => lineSums(value.sourceId, sourceLineId, one)),
  ),
});

const turned = ({ net, tax, gross }: Priced): Priced => ({
  net: net === null ? null : -net,
  tax: tax === null ? null : -tax,
  gross: gross === null ? null : -gross,
});

/** What a connector says of an order that it can't read. */
export const unreadable = (id: string, modifiedAt: Date, reason: string): Reading<SalesOrder> => ({
  sourceId: id,
  reference: `DE-${id}`,
  modifiedAt,
  payload: { id, items: [{ price: { withTax: "12.9x" } }] },
  personal: null,
  controls: [{ kind: "sale", day: "2026-10-04", currency: "EUR", unreadable: 1, sums: NO_LINES }],
  result: { ok: false, reason, errorClass: "value" },
});

/** An entity with a SCAYLE and an ERP connection, and the contexts to store with. */
export async function prepare(
  pool: pg.Pool,
): Promise<Readonly<{ orders: StoreContext; ledger: StoreContext }>> {
  const [scayle, erp] = [randomUUID(), randomUUID()];
  await pool.query(
    `INSERT INTO entity (id, name, currency, time_zone) VALUES ('E1', 'One', 'EUR', 'Europe/Berlin')`,
  );
  await pool.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings)
     VALUES ($1, 'E1', 'scayle', 'scayle', 'SCAYLE', '{}'), ($2, 'E1', 'business-central', 'erp', 'BC', '{}')`,
    [scayle, erp],
  );
  const context = (connectionId: string, feedId: string): StoreContext => ({
    entityId: "E1",
    connectionId,
    feedId,
    runId: randomUUID(),
    at: new Date("2026-11-02T08:00:00Z"),
    policy: { recognition: "shipped", timeZone: "Europe/Berlin", shippingRefund: "whole-order" },
    rederive: false,
  });
  return {
    orders: context(scayle, "E1/scayle/orders/ms-de"),
    ledger: context(erp, "E1/business-central/documents"),
  };
}
