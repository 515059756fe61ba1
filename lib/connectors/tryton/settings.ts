import { z } from "zod";
import { baseUrl } from "../base-url";

const code = z.string().trim().min(1);

/** What is needed to post in a company, beyond what reading it needs: codes as its people know them. */
const trytonWriteSettings = z.object({
  /** the party that sales of the store are posted to */
  partyCode: code,
  /** the account that it owes on; its own where it is left out */
  receivableAccount: code.optional(),
  /** the revenue account of items whose product has none */
  revenueAccount: code.optional(),
  /** service products or accounts of lines that name none of their own */
  accounts: z
    .object({ shipping: code.optional(), fee: code.optional(), rounding: code.optional() })
    .default({}),
  /** the journal that corrections of a month are posted in; its only one of the type "general" where it is left out */
  journalCode: code.optional(),
  /** how long after a lost answer it may still be at work on it */
  settlesSeconds: z.number().int().min(0).max(3600).default(60),
});

/** What a person says about a company of a Tryton. */
export const trytonSettings = z.object({
  /** where trytond listens, without the database's name */
  baseUrl,
  database: z
    .string()
    .trim()
    .regex(/^[\w.-]+$/, { error: "expected the database's name, as in the address after the host" }),
  user: z.string().trim().min(1),
  /** the company's id; the user's own where it is left out */
  companyId: z.string().trim().regex(/^\d+$/, { error: "expected the company's id, a number" }).optional(),
  /** documents asked for at once */
  pageSize: z.number().int().min(1).max(1000).optional(),
  /** how it is posted in; absent: it is only read */
  write: trytonWriteSettings.optional(),
});

export const trytonSecret = z.object({ password: z.string().min(1) });

export type TrytonSettings = z.infer<typeof trytonSettings>;
export type TrytonSecret = z.infer<typeof trytonSecret>;
