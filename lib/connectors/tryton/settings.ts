import { z } from "zod";
import { baseUrl } from "../base-url";

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
});

export const trytonSecret = z.object({ password: z.string().min(1) });

export type TrytonSettings = z.infer<typeof trytonSettings>;
export type TrytonSecret = z.infer<typeof trytonSecret>;
