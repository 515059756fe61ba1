import type { SandboxOrder } from "@/lib/sandbox/model";
import { invoicedAt } from "@/lib/sandbox/scayle-events";
import type { Json } from "@/lib/sandbox/scayle-item";

/** Where the order stands at the instant, as few words as SCAYLE's states need. */
type Stage = {
  cancelled: boolean;
  confirmed: boolean;
  delegated: boolean;
  shippedParcels: number;
  complete: boolean;
  back: number;
  backUndeliverable: boolean;
  allBack: boolean;
};

function stageAt(order: SandboxOrder, at: number): Stage {
  const by = (instant: number | null) => instant !== null && instant <= at;
  const past = order.credits.filter((credit) => credit.at <= at);
  const sold = order.units.filter((unit) => unit.shipment !== null);
  const back = sold.filter((unit) => unit.credit !== null && by(order.credits[unit.credit]?.at ?? null));
  return {
    cancelled: by(order.cancelledAt),
    confirmed: by(order.confirmedAt),
    delegated: by(order.delegatedAt),
    shippedParcels: order.shipments.filter((shipment) => shipment.at <= at).length,
    complete: by(invoicedAt(order)),
    back: back.length,
    backUndeliverable: past.some((credit) => credit.kind === "undeliverable"),
    allBack: back.length > 0 && back.length === sold.length,
  };
}

function orderCode(stage: Stage): string {
  if (stage.cancelled) return "order_cancelled";
  if (stage.complete) return "order_invoiced";
  if (stage.shippedParcels > 0) return "order_shipped";
  if (stage.delegated) return "order_delegated";
  return stage.confirmed ? "order_confirmed" : "order_pended";
}

function shippingCode(stage: Stage): string {
  if (stage.cancelled) return "shipping_cancelled";
  if (stage.allBack) return stage.backUndeliverable ? "shipping_undeliverable" : "shipping_returned";
  if (stage.back > 0) return "shipping_partially_returned";
  if (stage.shippedParcels > 0) return "shipping_delivered";
  return stage.delegated ? "shipping_ordered" : "shipping_open";
}

function billingCode(stage: Stage): string {
  if (stage.cancelled) return "billing_payment_cancelled";
  if (stage.allBack) return "billing_refunded";
  if (stage.back > 0) return "billing_partially_refunded";
  if (stage.complete) return "billing_completed";
  return stage.confirmed ? "billing_payment_pending" : "billing_open";
}

function overall(stage: Stage): string {
  if (stage.cancelled) return "cancellation_completed";
  if (stage.complete) return "invoice_completed";
  if (stage.shippedParcels > 0) return "invoice_partially_completed";
  if (stage.delegated) return "payment_reserved";
  return stage.confirmed ? "order_open" : "payment_pending";
}

const named = (code: string) => ({ code, name: code.replace(/^[a-z]+_/, "").replaceAll("_", " ") });

/** The order's status and its three detailed ones at the instant. */
export function statusJson(order: SandboxOrder, at: number): Json {
  const stage = stageAt(order, at);
  return {
    status: overall(stage),
    detailedStatus: {
      order: named(orderCode(stage)),
      shipping: named(shippingCode(stage)),
      billing: named(billingCode(stage)),
    },
  };
}
