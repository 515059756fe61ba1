import { z } from "zod";
import { baseUrl } from "../base-url";

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
});

export const scayleSecret = z.object({ accessToken: z.string().trim().min(1) });

export type ScayleSettings = z.infer<typeof scayleSettings>;
export type ScayleSecret = z.infer<typeof scayleSecret>;
