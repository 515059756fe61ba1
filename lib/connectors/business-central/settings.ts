import { z } from "zod";
import { baseUrl } from "../base-url";

/** What a person says about a company of Business Central. */
export const businessCentralSettings = z.object({
  /** …/v2.0/{tenant}/{environment}, with or without /api/v2.0 and what follows it */
  baseUrl,
  tokenUrl: baseUrl,
  clientId: z.string().trim().min(1),
  scope: z.string().trim().min(1).default("https://api.businesscentral.dynamics.com/.default"),
  /** the company's id, a GUID */
  companyId: z
    .string()
    .trim()
    .regex(/^[\w-]+$/, { error: "expected the company's id, not its name" }),
  /** currency of documents that name none: Business Central leaves its local currency empty in places */
  localCurrency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: "expected an ISO 4217 code" })
    .optional(),
});

export const businessCentralSecret = z.object({ clientSecret: z.string().min(1) });

export type BusinessCentralSettings = z.infer<typeof businessCentralSettings>;
export type BusinessCentralSecret = z.infer<typeof businessCentralSecret>;
