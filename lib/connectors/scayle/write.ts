import { Refusal } from "@/lib/domain/faults";
import { isCreditNote, type OrderInvoice, type OrderItem, type SalesOrder } from "@/lib/domain/order";
import { unexpectedAnswer } from "../fault";
import { wireMinor } from "../wire-values";
import {
  afterTaking,
  type OrderWrite,
  type Standing,
  type StoreWrite,
  type Trace,
  type WireRequest,
  type Writer,
} from "../write";
import {
  counted,
  fulfilledOrder,
  fulfilmentRequest,
  fulfilmentTrace,
  idOf,
  isBack,
  LACKS_FULFILMENT,
} from "./fulfilment";
import { readInvoices, readOrder } from "./read";
import type { ScayleSettings } from "./settings";
import { allOf, orNull, type ScayleGet, type ScayleSend, shopPathOf } from "./transport";
import { WIRE } from "./wire";
import { lookAtStock, sendStock, stockRequest } from "./write-stock";

/*
 * A refund and line values are no public calls (stock is: write-stock.ts; shipments, cancellations, returns and the reference key are: fulfilment.ts): the official SDKs have no refund endpoint, no field called `refund_items`, and none that writes an
 * item's price or tax (full-tree search of both). SCAYLE's product pages speak of a refund with `amount` and `refund_items`,
 * without which no credit note is made, and of updated line-item values after a partial cancellation. So both paths are
 * settings of a connection, the names of the body are ours until a tenant's `admin-api.json` says otherwise, and a
 * connection without a path says that it lacks the call. Looking asks only for what the SDKs have.
 */

type Refund = Extract<StoreWrite, { kind: "refund" }>;
type LineValues = Extract<StoreWrite, { kind: "line-values" }>;
type OwnWrite = Refund | LineValues;
type WriteSettings = NonNullable<ScayleSettings["write"]>;

const isOwn = (write: StoreWrite): write is OwnWrite =>
  write.kind === "refund" || write.kind === "line-values";

const LACKS = {
  refund:
    "SCAYLE's public API has no call for a refund, and this connection names none of the tenant's own. Make the refund in SCAYLE, with its amount and its items; or name the path in the connection's settings (write.refundPath).",
  "line-values":
    "SCAYLE's public API has no call that updates the values of an order's items, and this connection names none of the tenant's own. Have them sent by whatever feeds SCAYLE; or name the path in the connection's settings (write.lineValuesPath).",
} as const;

const PATHS = { refund: "refundPath", "line-values": "lineValuesPath" } as const satisfies Record<
  OwnWrite["kind"],
  keyof WriteSettings
>;

/** Writes to one SCAYLE tenant: one request each, found again by what the order and its invoice list show. */
export function createScayleWriter(
  settings: Pick<ScayleSettings, "write">,
  get: ScayleGet,
  send: ScayleSend,
): Writer<StoreWrite> {
  const lacks = (kind: StoreWrite["kind"]): string | null => {
    if (kind === "stock") return null;
    if (kind !== "refund" && kind !== "line-values")
      return settings.write?.fulfilment === true ? null : LACKS_FULFILMENT;
    return settings.write?.[PATHS[kind]] === undefined ? LACKS[kind] : null;
  };

  function request(write: OrderWrite, key: string): WireRequest & Readonly<{ method: "POST" | "PUT" }> {
    if (!isOwn(write)) {
      if (settings.write?.fulfilment !== true) throw new Refusal("invalid", LACKS_FULFILMENT);
      return fulfilmentRequest(write);
    }
    const template = settings.write?.[PATHS[write.kind]];
    if (template === undefined) throw new Refusal("invalid", LACKS[write.kind]);
    const path = pathOf(template, write);
    return write.kind === "refund"
      ? {
          does: `Asks SCAYLE for the refund of ${counted(write.items.length)}, from which it makes a credit note`,
          method: "POST",
          path,
          body: refundBody(write, key),
        }
      : {
          does: `Tells SCAYLE what the order's ${counted(write.items.length)} are worth now, from which it makes the order's total`,
          method: "PUT",
          path,
          body: lineValuesBody(write, key),
        };
  }

  async function orderOf({ shop, orderId }: OrderWrite): Promise<SalesOrder> {
    const path = WIRE.paths.order(shopPathOf(shop), orderId);
    const answer = await orNull(get(path, {}, WIRE.scopes.orders));
    if (answer === null) throw new Refusal("not-found", `SCAYLE has no order ${orderId}.`);
    const { result } = readOrder(answer.body, shop);
    if (result.ok) return result.value;
    throw unexpectedAnswer(answer.address, `The order can't be read: ${result.reason}.`);
  }

  async function notesOf({ shop, orderId }: OrderWrite): Promise<readonly OrderInvoice[]> {
    const path = WIRE.paths.invoices(shopPathOf(shop), orderId);
    const { result } = readInvoices(orderId, await allOf(get, path, WIRE.scopes.orders));
    if (!result.ok) throw unexpectedAnswer(path, `The invoice list can't be read: ${result.reason}.`);
    return result.value.filter(({ type }) => isCreditNote(type));
  }

  async function look(write: StoreWrite): Promise<Trace> {
    if (write.kind === "stock") return lookAtStock(get, write);
    const order = await orderOf(write);
    if (!isOwn(write)) return fulfilmentTrace(write, order);
    return write.kind === "refund"
      ? refundTrace(write, order, await notesOf(write))
      : valuesTrace(write, order);
  }

  return {
    lacks,
    requests: (write, key) => [write.kind === "stock" ? stockRequest(write) : request(write, key)],
    look: (write) => look(write),
    async advance(write, key, seen) {
      // There is one request; what was seen of it already is only waited for.
      if (seen.state !== "none") return look(write);
      if (write.kind === "stock") return sendStock(send, write, key);
      const { method, path, body } = request(write, key);
      const { address } = await send({ method, path, body, key });
      return afterTaking(address, () => look(write));
    },
    afterwards,
    settles: (settings.write?.settlesSeconds ?? 120) * 1000,
  };
}

/** What is read afterwards: the items with their values and their total, or the items back and a credit note. */
function afterwards(
  write: StoreWrite,
  { order: held }: Standing,
  { id, at }: Readonly<{ id: string; at: Date }>,
): Standing {
  // Stock is in no document.
  if (held === null || write.kind === "stock") return { documents: [], order: held };
  const { order, invoices } = held;
  if (!isOwn(write)) return { documents: [], order: { order: fulfilledOrder(write, order, at), invoices } };
  const values = new Map<string, Pick<OrderItem, "net" | "tax" | "gross">>(
    write.items.map((one) => [one.itemId, one]),
  );
  if (write.kind === "line-values") {
    const items = order.items.map((item) => {
      const value = values.get(item.id);
      return value ? { ...item, net: value.net, tax: value.tax, gross: value.gross } : item;
    });
    return {
      documents: [],
      order: { order: { ...order, items, cost: { ...order.cost, ...write.total } }, invoices },
    };
  }
  // The day alone is told; at noon it is that day in every shop's time zone.
  const returnedAt = write.returnedOn === undefined ? at : new Date(`${write.returnedOn}T12:00:00Z`);
  const items = order.items.map((item) =>
    values.has(item.id) ? { ...item, status: "returned", returnedAt } : item,
  );
  const note = { id, type: "corrective_invoice", number: id, createdAt: returnedAt };
  return { documents: [], order: { order: { ...order, items }, invoices: [...(invoices ?? []), note] } };
}

function pathOf(template: string, { shop, orderId }: OwnWrite): string {
  const values: Readonly<Record<string, string>> = { ...shopPathOf(shop), orderId };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

function refundBody(write: Refund, key: string): unknown {
  if (write.items.length === 0) throw new Refusal("invalid", "A refund needs the items that are refunded.");
  const gross = write.items.reduce((sum, item) => sum + item.gross, 0n);
  if (gross !== write.amount || write.amount <= 0n)
    throw new Refusal(
      "invalid",
      `A refund's amount is the sum of its items: ${write.amount} is asked for, the items come to ${gross} (minor units).`,
    );
  return {
    amount: wireMinor(write.amount),
    currency: write.currency,
    refund_items: write.items.map(({ itemId, quantity, net, tax, gross: withTax }) => ({
      item_id: idOf(itemId),
      quantity,
      net: wireMinor(net),
      tax: wireMinor(tax),
      gross: wireMinor(withTax),
    })),
    reason: write.reason,
    ...(write.returnedOn === undefined ? {} : { received: write.returnedOn }),
    reference: key,
  };
}

const lineValuesBody = ({ currency, items, total }: LineValues, key: string): unknown => ({
  currency,
  items: items.map(({ itemId, net, tax, gross, taxRate }) => ({
    item_id: idOf(itemId),
    net: wireMinor(net),
    tax: wireMinor(tax),
    gross: wireMinor(gross),
    tax_rate: taxRate,
  })),
  total: { net: wireMinor(total.net), tax: wireMinor(total.tax), gross: wireMinor(total.gross) },
  reference: key,
});

/**
 * Whether the items are back and a credit note is there, no matter who caused it. The list names neither the items of a
 * credit note nor our key, so an earlier one of the same order counts as well: the items say which they are.
 */
function refundTrace(write: Refund, order: SalesOrder, notes: readonly OrderInvoice[]): Trace {
  const back = new Set(order.items.filter(isBack).map(({ id }) => id));
  const waiting = write.items.filter(({ itemId }) => !back.has(itemId)).map(({ itemId }) => itemId);
  if (waiting.length === write.items.length) return { state: "none" };
  const note = newest(notes);
  if (note === null) return { state: "begun", id: order.id, figures: null };
  const done = { state: "done", id: note.id, number: note.number } as const;
  if (waiting.length === 0) return done;
  return { ...done, missing: `SCAYLE still has ${counted(waiting.length)} as sold: ${waiting.join(", ")}.` };
}

const newest = (notes: readonly OrderInvoice[]): OrderInvoice | null =>
  notes.reduce<OrderInvoice | null>(
    (last, note) => (last === null || (note.createdAt ?? 0) >= (last.createdAt ?? 0) ? note : last),
    null,
  );

/** The order's own total says whether it was reckoned anew. */
function valuesTrace({ total }: LineValues, { id, cost }: SalesOrder): Trace {
  const isSame = cost.net === total.net && cost.tax === total.tax && cost.gross === total.gross;
  return isSame ? { state: "done", id, number: null } : { state: "none" };
}
