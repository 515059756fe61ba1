import { z } from "zod";

/** What was written into the systems through their APIs; the world and these, in their order, give the same world again. */

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits) => BigInt(digits));

const lineSchema = z.object({
  kind: z.enum(["Item", "Account"]),
  number: z.string(),
  description: z.string(),
  quantity: minor,
  unitPrice: minor,
  discount: minor,
  lineDiscount: minor.exactOptional(),
  rate: minor,
  taxCode: z.string(),
  net: minor,
  tax: minor,
  gross: minor,
});

const documentSchema = z.object({
  id: z.string(),
  number: z.string(),
  entity: z.enum(["MODA-EU", "MODA-UK"]),
  currency: z.enum(["EUR", "GBP"]),
  kind: z.enum(["sale", "credit"]),
  reference: z.string(),
  writtenReference: z.string().exactOptional(),
  postingDate: z.string(),
  draftedAt: z.number().nullable(),
  postedAt: z.number().nullable(),
  paidAt: z.number().nullable(),
  canceledAt: z.number().nullable(),
  invoiceId: z.string().nullable(),
  reverses: z.boolean(),
  comments: z.array(z.string()).exactOptional(),
  lines: z.array(lineSchema),
});

const journalLine = z.object({
  number: z.number(),
  account: z.string(),
  date: z.string(),
  document: z.string(),
  /** debit +, credit − */
  amount: minor,
  description: z.string(),
});
const journalSchema = z.object({
  id: z.string(),
  entity: z.enum(["MODA-EU", "MODA-UK"]),
  code: z.string(),
  name: z.string(),
  lines: z.array(journalLine),
  /** what was posted of it */
  entries: z.array(journalLine),
});
export type Journal = z.infer<typeof journalSchema>;

/** `at`: when it takes effect, which may be after it was asked for. */
export const writeSchemas = [
  /** SCAYLE takes units back and writes a corrective invoice. `on`: when they came back. */
  z.object({
    what: z.literal("refund"),
    at: z.number(),
    id: z.number(),
    units: z.array(z.number()),
    on: z.number(),
    key: z.string().nullable(),
  }),
  /** SCAYLE was told that units left in one parcel, that they never leave, or that they came back. */
  z.object({
    what: z.enum(["shipped", "cancelled", "came-back"]),
    at: z.number(),
    id: z.number(),
    units: z.array(z.number()),
    on: z.number(),
  }),
  /** SCAYLE was told the order's reference key. */
  z.object({ what: z.literal("reference-key"), at: z.number(), id: z.number(), reference: z.string() }),
  /** SCAYLE was told what the order's items are worth, and reckons its cost anew. */
  z.object({ what: z.literal("line-values"), at: z.number(), id: z.number() }),
  /** A document of the ERP, as it stands from then on. */
  z.object({ what: z.literal("document"), at: z.number(), document: documentSchema }),
  z.object({ what: z.literal("document-deleted"), at: z.number(), id: z.string() }),
  /** SCAYLE was told a level, with the stamp that came along. */
  z.object({
    what: z.literal("stock-push"),
    at: z.number(),
    sku: z.string(),
    warehouse: z.string(),
    quantity: z.number(),
    stamp: z.number(),
  }),
  /** A journal of the ERP, as it stands from then on. */
  z.object({ what: z.literal("journal"), at: z.number(), journal: journalSchema }),
  /** The ERP's books take no posting before this day. */
  z.object({ what: z.literal("books-closed"), at: z.number(), before: z.string() }),
] as const;

export type Write = z.infer<(typeof writeSchemas)[number]>;

/** The same so many milliseconds later, with the times that it gives a document. */
export function later(write: Write, milliseconds: number): Write {
  if (milliseconds === 0) return write;
  const at = write.at + milliseconds;
  if (write.what !== "document") return { ...write, at };
  const moved = (instant: number | null): number | null => (instant === write.at ? at : instant);
  const { document } = write;
  return {
    ...write,
    at,
    document: {
      ...document,
      draftedAt: moved(document.draftedAt),
      postedAt: moved(document.postedAt),
      canceledAt: moved(document.canceledAt),
    },
  };
}
