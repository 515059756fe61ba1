import { z } from "zod";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const unknownMinor = minor.nullable();
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .nullable();
const text = z.string().nullable();

const Order = z.object({
  id: z.string(),
  reference: z.string(),
  aliases: z.array(z.string()),
  publicKey: text,
  shop: text,
  channel: text,
  channelType: z.enum(["shop", "marketplace", "in_store"]),
  shipTo: text,
  currency: z.string(),
  status: text,
  orderStatus: text,
  shippingStatus: text,
  billingStatus: text,
  createdAt: instant,
  confirmedAt: instant,
  invoicedAt: instant,
  updatedAt: instant,
  items: z.array(
    z.object({
      id: z.string(),
      sku: z.string(),
      name: text,
      status: text,
      packageId: text,
      net: unknownMinor,
      tax: unknownMinor,
      gross: minor,
      taxRate: text,
      shippedAt: instant,
      cancelledAt: instant,
      returnedAt: instant,
      updatedAt: instant,
    }),
  ),
  fees: z.array(
    z.object({
      key: z.string(),
      category: z.string(),
      net: unknownMinor,
      tax: unknownMinor,
      gross: minor,
      taxRate: text,
      refundTriggered: z.boolean().nullable(),
    }),
  ),
  packages: z.array(z.object({ id: z.string(), shippedAt: instant, deliveryStatus: text })),
  cost: z.object({ net: unknownMinor, tax: unknownMinor, gross: unknownMinor, externalPrices: z.boolean() }),
  payments: z.array(z.object({ key: z.string(), amount: unknownMinor, giftCard: z.boolean() })),
  vouchers: z.array(z.object({ code: text, type: text, value: text })),
});

const Invoices = z.array(z.object({ id: z.string(), type: z.string(), number: text, createdAt: instant }));

/** Reads the order that the codec of lib/domain/json wrote to `sales_order.content`. Throws a ZodError otherwise. */
export const orderFromJson = (value: unknown): SalesOrder => Order.parse(value);

/** Reads `sales_order.invoices`; null where the list was not asked for. */
export const invoicesFromJson = (value: unknown): readonly OrderInvoice[] | null =>
  value === null || value === undefined ? null : Invoices.parse(value);
