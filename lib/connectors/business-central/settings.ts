import { z } from "zod";
import { baseUrl } from "../base-url";

const number = z.string().trim().min(1).max(20);

/** What is needed to post in a company, beyond what reading it needs. */
const businessCentralWriteSettings = z.object({
  /** the customer that sales of the store are posted to */
  customerNumber: number,
  /**
   * Whether that customer's card says "Prices Including VAT": Business Central takes it over, and the API can't be told
   * otherwise (pricesIncludeTax is read-only). Prices are sent so.
   */
  pricesIncludeTax: z.boolean().default(true),
  /** G/L accounts of lines that name none of their own */
  accounts: z
    .object({ shipping: number.optional(), fee: number.optional(), rounding: number.optional() })
    .default({}),
  /** how long after a lost answer it may still be at work: it gives an operation eight minutes, and two more to answer */
  settlesSeconds: z.number().int().min(0).max(3600).default(600),
});

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
  /** how it is posted in; absent: it is only read */
  write: businessCentralWriteSettings.optional(),
});

export const businessCentralSecret = z.object({ clientSecret: z.string().min(1) });

export type BusinessCentralSettings = z.infer<typeof businessCentralSettings>;
export type BusinessCentralSecret = z.infer<typeof businessCentralSecret>;
