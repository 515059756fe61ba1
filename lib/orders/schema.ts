import { z } from "zod";

/** What a person typed into the search field. */
export const OrderSearch = z
  .preprocess((value) => (Array.isArray(value) ? value[0] : value), z.string().trim().max(120))
  .catch("");

/** Which order to read again from both systems. The entity is held against the grants, never trusted. */
export const Resync = z.object({ entityId: z.string().min(1).max(64), orderKey: z.guid() });
export type Resync = z.infer<typeof Resync>;

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits) => BigInt(digits));
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const instant = z.coerce
  .date()
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

/** What the order page needs of the canonical order that is kept with it (lib/domain/order). */
export const OrderContent = z.object({
  items: z
    .array(
      z.object({
        id: z.string(),
        sku: text,
        name: text,
        status: text,
        packageId: text,
        gross: minor.nullish().transform((amount) => amount ?? null),
        shippedAt: instant,
        cancelledAt: instant,
        returnedAt: instant,
      }),
    )
    .catch([])
    .default([]),
  packages: z
    .array(z.object({ id: z.string(), shippedAt: instant, deliveryStatus: text }))
    .catch([])
    .default([]),
  confirmedAt: instant,
  createdAt: instant,
  invoicedAt: instant,
});
export type OrderContent = z.infer<typeof OrderContent>;

export const OrderInvoices = z
  .array(z.object({ id: z.coerce.string(), type: z.string(), number: text, createdAt: instant }))
  .nullable()
  .catch(null);
export type OrderInvoices = z.infer<typeof OrderInvoices>;
