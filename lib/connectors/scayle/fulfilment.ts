import type { OrderItem, SalesOrder } from "@/lib/domain/order";
import type { OrderWrite, Trace, WireRequest } from "../write";
import { shopPathOf } from "./transport";
import { WIRE } from "./wire";

/*
 * What SCAYLE's public Admin API takes of an order's goods and of its reference key, with the names of its SDKs. None of the
 * calls takes a key of ours, and their answers say nothing: the order itself says afterwards what came of them. Which fields
 * are required could not be seen, so all that is known is sent; for a return SCAYLE asks for the key that was given with the
 * shipment, which it recommends to be the item's id.
 */

type Told = Exclude<OrderWrite, { kind: "refund" | "line-values" }>;
type OfItems = Exclude<Told, { kind: "reference-key" }>;

/** Why a connection tells nothing of goods. */
export const LACKS_FULFILMENT =
  "This connection may not tell SCAYLE of shipments, cancellations, returns and reference keys. Tell SCAYLE by whatever feeds it, or in its panel; or allow it in the connection’s settings (write.fulfilment).";

export const counted = (items: number): string => (items === 1 ? "1 item" : `${items} items`);

/** SCAYLE's ids are numbers; what is none is sent as it is. */
export const idOf = (text: string): number | string =>
  /^\d{1,15}$/.test(text) && !text.startsWith("0") ? Number(text) : text;

/** Whether a unit was given back or never goes out. */
export const isBack = ({ status, returnedAt, cancelledAt }: OrderItem): boolean =>
  returnedAt !== null || cancelledAt !== null || (status !== null && WIRE.returnedStatus.has(status));

/** The one request of such a write. */
export function fulfilmentRequest(write: Told): WireRequest & Readonly<{ method: "POST" | "PUT" }> {
  const { shopKey, countryCode } = shopPathOf(write.shop);
  const order = { shopKey, countryCode, orderId: idOf(write.orderId) };
  switch (write.kind) {
    case "shipment":
      return {
        does: `Tells SCAYLE that ${counted(write.itemIds.length)} left with ${write.carrier}; SCAYLE captures the payment, makes the invoice and writes to the customer`,
        method: "POST",
        path: WIRE.paths.shipments,
        body: {
          ...order,
          carrier: write.carrier,
          shipmentKey: write.shipmentKey,
          items: write.itemIds.map((id) => ({ orderItemId: idOf(id), returnKey: id })),
        },
      };
    case "cancellation":
      return {
        does: `Tells SCAYLE that ${counted(write.itemIds.length)} will not be delivered; SCAYLE releases the payment and writes to the customer`,
        method: "POST",
        path: WIRE.paths.cancellations,
        body: { ...order, items: write.itemIds.map((id) => ({ orderItemId: idOf(id) })) },
      };
    case "return":
      return {
        does: `Tells SCAYLE that ${counted(write.itemIds.length)} came back; SCAYLE makes the credit note and starts the refund`,
        method: "POST",
        path: WIRE.paths.returns,
        // SCAYLE's own sample has a space between day and time.
        body: write.itemIds.map((id) => ({ returnKey: id, received: `${write.returnedOn} 12:00:00` })),
      };
    case "reference-key":
      return {
        does: "Writes the ERP’s number to SCAYLE as the order’s reference key",
        method: "PUT",
        path: WIRE.paths.referenceKey(shopPathOf(write.shop), write.orderId),
        body: { referenceKey: write.referenceKey },
      };
  }
}

/** Whether the order shows what was to be told, no matter who told it. */
export function fulfilmentTrace(write: Told, order: SalesOrder): Trace {
  const done = { state: "done", id: order.id, number: null } as const;
  if (write.kind === "reference-key")
    return order.reference === write.referenceKey ? done : { state: "none" };
  const items = new Map(order.items.map((item) => [item.id, item]));
  const left = new Map(order.packages.map((one) => [one.id, one.shippedAt]));
  const waiting = write.itemIds.filter((id) => {
    const item = items.get(id);
    return !item || !shows(write.kind, item, left);
  });
  if (waiting.length === write.itemIds.length) return { state: "none" };
  if (waiting.length === 0) return done;
  return {
    ...done,
    missing: `SCAYLE shows it of all but ${counted(waiting.length)}: ${waiting.join(", ")}.`,
  };
}

const LEFT = new Set(["shipped", "delivered", "returned", "undeliverable"]);

function shows(kind: OfItems["kind"], item: OrderItem, left: ReadonlyMap<string, Date | null>): boolean {
  if (kind === "cancellation") return item.cancelledAt !== null || item.status === "cancelled";
  if (kind === "return") return isBack(item);
  const withParcel = item.packageId === null ? null : (left.get(item.packageId) ?? null);
  return item.shippedAt !== null || withParcel !== null || (item.status !== null && LEFT.has(item.status));
}

/** The order as it is read once SCAYLE was told. */
export function fulfilledOrder(write: Told, order: SalesOrder, at: Date): SalesOrder {
  if (write.kind === "reference-key")
    return {
      ...order,
      reference: write.referenceKey,
      aliases: [...new Set([...order.aliases, write.referenceKey])],
    };
  const named = new Set(write.itemIds);
  const change =
    write.kind === "shipment"
      ? { status: "shipped", shippedAt: at }
      : write.kind === "cancellation"
        ? { status: "cancelled", cancelledAt: at }
        : { status: "returned", returnedAt: new Date(`${write.returnedOn}T12:00:00Z`) };
  return { ...order, items: order.items.map((item) => (named.has(item.id) ? { ...item, ...change } : item)) };
}
