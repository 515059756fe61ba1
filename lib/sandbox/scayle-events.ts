import { DAY, MINUTE } from "@/lib/sandbox/calendar";
import type { SandboxOrder } from "@/lib/sandbox/model";

/** How long after it left a parcel is delivered. */
export const DELIVERY_TIME = 2 * DAY;

/** SCAYLE writes an invoice's record some minutes after the event. */
const INVOICE_DELAY = 2 * MINUTE;

export type InvoiceRecord = {
  id: number;
  type: "invoice" | "partial_invoice" | "corrective_invoice";
  createdAt: number;
};

/** When the last live item had left and the order counts as invoiced; null while something is still to be shipped. */
export function invoicedAt(order: SandboxOrder): number | null {
  const last = order.shipments.at(-1);
  if (!last || order.uninvoiced) return null;
  // Where only the order says when it was shipped, that is this very time.
  return order.shippedOn === "order" ? last.at : last.at + INVOICE_DELAY;
}

/** All invoice records the order ever gets, oldest first. Channels without invoices have none. */
export function invoiceRecords(order: SandboxOrder): InvoiceRecord[] {
  if (order.outlet.channel?.invoicesEnabled === false || order.uninvoiced) return [];
  const type = order.shipments.length > 1 ? "partial_invoice" : "invoice";
  const invoices = order.shipments.map((shipment, index) => ({
    id: order.id * 10 + index,
    type: type as InvoiceRecord["type"],
    createdAt: shipment.at + INVOICE_DELAY,
  }));
  const corrections = order.credits.map((credit, index) => ({
    id: order.id * 10 + 5 + index,
    type: "corrective_invoice" as const,
    // Where the item does not say when it came back, this date is all there is.
    createdAt: credit.noted ?? (credit.timeOnItem ? credit.at + INVOICE_DELAY : credit.at),
  }));
  return [...invoices, ...corrections].sort((one, other) => one.createdAt - other.createdAt);
}

/** Every instant at which something about the order changes, oldest first; the first is its creation. */
export function orderEvents(order: SandboxOrder): number[] {
  const events = [
    order.createdAt,
    order.confirmedAt,
    order.delegatedAt,
    order.cancelledAt,
    order.staleCost?.until ?? null,
    order.mendedAt ?? null,
    order.key?.at ?? null,
    invoicedAt(order),
    ...order.units.map((unit) => unit.cancelledAt),
    ...order.shipments.flatMap((shipment) => [shipment.at, shipment.at + DELIVERY_TIME]),
    ...order.credits.map((credit) => credit.noted ?? credit.at),
    ...invoiceRecords(order).map((record) => record.createdAt),
  ];
  return [...new Set(events.filter((event) => event !== null))].sort((one, other) => one - other);
}

/** The newest event at or before the instant, or null when there is none yet. */
export function newestEvent(events: readonly number[], at: number): number | null {
  return events.findLast((event) => event <= at) ?? null;
}
