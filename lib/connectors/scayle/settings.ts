import { z } from "zod";
import { baseUrl } from "../base-url";

/** Placeholders that a path of the tenant's own may have. */
const PLACEHOLDERS = new Set(["shopKey", "countryCode", "orderId"]);

const pathTemplate = z
  .string()
  .trim()
  .regex(/^\/[^?#\s]*$/, { error: "expected a path below the API's root, like /shops/{shopKey}/…" })
  .refine((path) => [...path.matchAll(/\{(.*?)\}/g)].every(([, name = ""]) => PLACEHOLDERS.has(name)), {
    error: "knows {shopKey}, {countryCode} and {orderId} only",
  })
  .refine((path) => path.includes("{orderId}"), { error: "expected {orderId} in it" });

/**
 * Where a tenant takes refunds and line values. SCAYLE's public Admin API has neither call (see `write.ts`): what a tenant
 * has of its own, or behind a middleware of its own, is named here.
 */
const scayleWriteSettings = z.object({
  /** POST here asks for a refund */
  refundPath: pathTemplate.optional(),
  /** PUT here says what an order's items are worth now */
  lineValuesPath: pathTemplate.optional(),
  /** whether shipments, cancellations, returns and reference keys may be told: calls of SCAYLE's public API */
  fulfilment: z.boolean().optional(),
  /** how long after a lost answer the tenant may still be at work on it */
  settlesSeconds: z.number().int().min(0).max(3600).default(120),
});

/** What a person says about a SCAYLE tenant. */
export const scayleSettings = z.object({
  /** https://{tenant-space}.admin.api.scayle.cloud, with or without /api/admin/v1 */
  baseUrl,
  /** shopKey/countryCode of each shop that is read */
  shops: z.array(
    z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[^/\s]+\/[^/\s]+$/, { error: "expected shopKey/countryCode, like nl/nl" }),
  ),
  /** whose sales channels are read */
  companyId: z.coerce.string().trim().min(1).default("1"),
  /** what it may be told; absent: it is only read */
  write: scayleWriteSettings.optional(),
});

export const scayleSecret = z.object({ accessToken: z.string().trim().min(1) });

export type ScayleSettings = z.infer<typeof scayleSettings>;
export type ScayleSecret = z.infer<typeof scayleSecret>;
