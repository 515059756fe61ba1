import { z } from "zod";

const country = z.string().regex(/^[A-Z]{2}$/, "a country is two capital letters, like DE");
const rate = z.string().regex(/^0(\.\d{1,5})?$/, "a rate is a fraction of at most five decimals, like 0.19");
const code = z.string().trim().min(1).max(40);

/** How one side of an entity rounds, see lib/domain/tax/policy. */
export const PolicyChange = z.object({
  level: z.enum(["unit", "line", "document", "order"]),
  mode: z.enum(["half-up", "half-even"]),
  basis: z.enum(["gross", "net"]),
  first: z.enum(["tax", "net"]),
});

/**
 * A change of what matching depends on. Each is a statement of what shall hold, so the same change twice is one.
 */
export const SettingsChange = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("tax-code"),
    shipTo: country,
    channel: z.enum(["*", "shop", "marketplace", "in_store"]),
    rate,
    taxCode: code,
    /** false: the code is no longer right there */
    right: z.boolean(),
  }),
  z.object({ kind: z.literal("rounding"), connectionId: z.uuid(), policy: PolicyChange }),
  z.object({
    kind: z.literal("none-tax-codes"),
    /** codes that mean "no code", beside the empty one */
    taxCodes: z.array(code).max(50),
  }),
  z.object({
    kind: z.literal("posting-lag"),
    hours: z
      .number()
      .int()
      .min(0)
      .max(24 * 90),
  }),
  z.object({
    kind: z.literal("item"),
    erpKind: z.enum(["item", "account"]),
    erpItem: code,
    erpVariant: z.string().trim().max(40),
    lineKind: z.enum(["item", "shipping", "fee", "gift_card", "rounding"]),
    /** the SKU it stands for; null on charges */
    sku: code.nullable(),
  }),
]);
export type SettingsChange = z.infer<typeof SettingsChange>;
