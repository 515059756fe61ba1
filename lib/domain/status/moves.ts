import type { Axis } from "./codes";
import type { ErpState } from "./erp-states";

/** From one state of an axis to another one. */
export type Move<State extends string = string> = Readonly<{
  from: State;
  to: State;
  known: "verified" | "assumed";
}>;

const chain = <State extends string>(
  known: Move["known"],
  ...states: readonly State[]
): readonly Move<State>[] => states.slice(1).flatMap((to, at) => [{ from: states[at] ?? to, to, known }]);

/**
 * The transitions inside each of SCAYLE's axes. Verified: SCAYLE's pages on the order's lifecycle and its state transitions, and on what
 * cancellations and returns do to an item. Of the other axes its pages list the codes alone: their sequence is assumed.
 */
export const moves: Readonly<Record<Axis, readonly Move[]>> = {
  status: [
    ...chain(
      "assumed",
      ...["order_open", "payment_pending", "payment_reserved"],
      ...["invoice_partially_completed", "invoice_completed"],
    ),
    ...chain("assumed", "payment_reserved", "invoice_completed"),
    ...chain("assumed", "order_open", "cancellation_pending", "cancellation_completed"),
    ...chain("assumed", "payment_reserved", "cancellation_pending"),
  ],
  order: [
    ...chain(
      "verified",
      ...["order_created", "order_pended", "order_confirmed", "order_delegated"],
      ...["order_shipped", "order_invoiced"],
    ),
    ...chain("verified", "order_delegated", "order_aborted", "order_cancelled"),
    ...chain("verified", "order_shipped", "order_aborted"),
    ...chain("assumed", "order_created", "order_open", "order_pended"),
    ...chain("assumed", "order_imported", "order_confirmed"),
    ...chain("assumed", "order_shipped", "order_invoice_error", "order_invoiced"),
  ],
  billing: [
    ...chain("assumed", "billing_open", "billing_pending", "billing_payment_pending", "billing_completed"),
    ...chain("assumed", "billing_completed", "billing_partially_refunded", "billing_refunded"),
    ...chain("assumed", "billing_completed", "billing_refunded"),
    ...chain("assumed", "billing_payment_pending", "billing_payment_cancelled"),
  ],
  shipping: [
    ...chain("assumed", "shipping_open", "shipping_ordered", "shipping_delivered"),
    ...chain("assumed", "shipping_delivered", "shipping_partially_returned", "shipping_returned"),
    ...chain("assumed", "shipping_delivered", "shipping_returned"),
    ...chain("assumed", "shipping_ordered", "shipping_partially_undeliverable", "shipping_undeliverable"),
    ...chain("assumed", "shipping_ordered", "shipping_undeliverable"),
    ...chain("assumed", "shipping_open", "shipping_not_deliverable"),
    ...chain("assumed", "shipping_open", "shipping_cancelled"),
  ],
  item: [
    ...chain("assumed", "created", "pended", "confirmed", "delegated", "shipped", "delivered"),
    ...chain("assumed", "delegated", "partially_shipped", "shipped"),
    ...chain("assumed", "available", "deliverable", "shipped"),
    ...chain("assumed", "available", "unavailable"),
    ...chain("verified", "delegated", "cancelled"),
    ...chain("verified", "shipped", "returned"),
    ...chain("assumed", "delivered", "returned"),
    ...chain("assumed", "shipped", "undeliverable"),
  ],
  package: chain("assumed", "shipment_pending", "shipment_completed"),
};

/**
 * The transitions of an ERP's document. Verified: posting and cancelling through Business Central's API and in Tryton, a draft that is
 * cancelled in Tryton; a corrective document comes of a cancellation and is never anything else.
 */
export const erpMoves: readonly Move<ErpState>[] = [
  ...chain<ErpState>("verified", "draft", "open", "paid"),
  ...chain<ErpState>("verified", "open", "cancelled"),
  ...chain<ErpState>("verified", "draft", "cancelled"),
  ...chain<ErpState>("assumed", "paid", "cancelled"),
  ...chain<ErpState>("assumed", "paid", "open"),
];
