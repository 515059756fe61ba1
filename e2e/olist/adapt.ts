import type { OlistSample } from "./source";

/** Two files that `tieout import` reads with the profiles beside this one. */
export type AdaptedFiles = Readonly<{ sales: string; ledger: string }>;

/**
 * Olist's tables as one file of sales (item price and freight, a row each) and one of ledger documents (payments, one
 * receipt an order). Amounts stay the texts they were: nothing is computed here. What was bought and what was paid
 * both count on the day of the purchase, the only moment that every order has.
 */
export function adaptOlist({ orders, items, payments }: OlistSample): AdaptedFiles {
  const purchased = new Map(orders.map((order) => [order.order_id, order.order_purchase_timestamp]));
  const momentOf = (orderId: string): string => {
    const moment = purchased.get(orderId);
    if (moment === undefined) throw new Error(`Order ${orderId} is not in the file of orders.`);
    return moment;
  };
  const sales = items.flatMap((item) => {
    const { order_id: order, order_item_id: line, product_id: product } = item;
    const moment = momentOf(order);
    return [
      [order, line, "price", product, moment, item.price],
      [order, `${line}-freight`, "freight", "", moment, item.freight_value],
    ];
  });
  const ledger = payments.map((payment) => {
    const { order_id: order, payment_sequential: line, payment_type: method } = payment;
    return [`R-${order}`, order, line, momentOf(order).slice(0, 10), method, payment.payment_value];
  });
  return {
    sales: csv([["order", "line", "kind", "product", "purchased at", "amount"], ...sales]),
    ledger: csv([["receipt", "order", "payment", "received on", "method", "value"], ...ledger]),
  };
}

const csv = (rows: readonly (readonly string[])[]): string =>
  `${rows.map((row) => row.join(";")).join("\n")}\n`;
