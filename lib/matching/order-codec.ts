import type { BookDocument } from "@/lib/domain/document";
import type { OrderFee, OrderInvoice, OrderItem, OrderPackage, SalesOrder } from "@/lib/domain/order";

/*
 * What the codec of lib/domain/json wrote to `sales_order`, back in its own types: amounts are integer texts there and
 * instants ISO texts. It was parsed at the border before it was written; a reconciliation reads it a million times.
 */

type Written<Value> = Value extends bigint | Date
  ? string
  : Value extends readonly (infer Member)[]
    ? readonly Written<Member>[]
    : Value extends object
      ? { [Key in keyof Value]: Written<Value[Key]> }
      : Value;

const amount = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Reads `sales_order.content`; what it holds must have been written from a `SalesOrder`. */
export function orderFromJson(value: unknown): SalesOrder {
  const order = value as Written<SalesOrder>;
  const { cost } = order;
  return {
    ...order,
    createdAt: instant(order.createdAt),
    confirmedAt: instant(order.confirmedAt),
    invoicedAt: instant(order.invoicedAt),
    updatedAt: instant(order.updatedAt),
    items: order.items.map(itemFrom),
    fees: order.fees.map(feeFrom),
    packages: order.packages.map(packageFrom),
    cost: { ...cost, net: amount(cost.net), tax: amount(cost.tax), gross: amount(cost.gross) },
    payments: order.payments.map((payment) => ({ ...payment, amount: amount(payment.amount) })),
  };
}

const itemFrom = ({ delegatedAt, ...item }: Written<OrderItem>): OrderItem => ({
  ...item,
  net: amount(item.net),
  tax: amount(item.tax),
  gross: BigInt(item.gross),
  // Orders that were kept before it was read have none.
  ...(delegatedAt === undefined ? {} : { delegatedAt: instant(delegatedAt) }),
  shippedAt: instant(item.shippedAt),
  cancelledAt: instant(item.cancelledAt),
  returnedAt: instant(item.returnedAt),
  updatedAt: instant(item.updatedAt),
});

const feeFrom = (fee: Written<OrderFee>): OrderFee => ({
  ...fee,
  net: amount(fee.net),
  tax: amount(fee.tax),
  gross: BigInt(fee.gross),
});

const packageFrom = (one: Written<OrderPackage>): OrderPackage => ({
  ...one,
  shippedAt: instant(one.shippedAt),
});

/** Reads `sales_order.invoices`; null where the list was not asked for. */
export const invoicesFromJson = (value: unknown): readonly OrderInvoice[] | null =>
  value === null || value === undefined
    ? null
    : (value as Written<readonly OrderInvoice[]>).map((one) => ({
        ...one,
        createdAt: instant(one.createdAt),
      }));

/** Reads `document_version.content`; what it holds must have been written from a `BookDocument`. */
export function documentFromJson(value: unknown): BookDocument {
  const document = value as Written<BookDocument>;
  const { net, tax, gross } = document.stated;
  return {
    ...document,
    modifiedAt: instant(document.modifiedAt),
    stated: { net: amount(net), tax: amount(tax), gross: amount(gross) },
    lines: document.lines.map((line) => ({
      ...line,
      discount: amount(line.discount),
      net: amount(line.net),
      tax: amount(line.tax),
      gross: BigInt(line.gross),
      at: instant(line.at),
    })),
  };
}
