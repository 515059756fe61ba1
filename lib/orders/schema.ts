import { z } from "zod";

/** So much text is looked for at most. */
export const SEARCH_LENGTH_MAX = 120;

/** What a person typed into the search field. Fails on longer text: who typed it is told. */
export const OrderSearch = z.preprocess(
  (value) => (Array.isArray(value) ? value[0] : value),
  z.string().trim().max(SEARCH_LENGTH_MAX),
);

/** Which order to read again from both systems. The entity is held against the grants, never trusted. */
export const Resync = z.object({ entityId: z.string().min(1).max(64), orderKey: z.guid() });
export type Resync = z.infer<typeof Resync>;

/** Which record of a source to read again, by the id that the source gives it: it may not be here yet. */
export const ResyncRecord = z.object({
  entityId: z.string().min(1).max(64),
  record: z.object({
    feedId: z.string().min(1).max(200),
    kind: z.enum(["sale", "credit"]),
    sourceId: z.string().min(1).max(200),
  }),
});
export type ResyncRecord = z.infer<typeof ResyncRecord>;

/** Filters as the addresses of their pages hold them; what can't be read of one is left out there. */
const filter = z.record(z.string().max(40), z.string().max(200));
const ids = z
  .array(z.guid())
  .min(1, "Choose at least one.")
  .max(500, "At most 500 at once: choose all that match.");

/** Which orders are to be read again: those chosen on a page, or all that a filter of it means. */
export const Selection = z.discriminatedUnion("by", [
  z.object({ by: z.literal("orders"), ids }),
  z.object({ by: z.literal("exceptions"), ids }),
  z.object({ by: z.literal("exceptions-matching"), filter }),
  /** those of all exceptions that lack the same mapping as one of them, which may lack several */
  z.object({ by: z.literal("exceptions-lacking"), id: z.guid(), index: z.number().int().min(0).max(50) }),
  z.object({ by: z.literal("failed"), ids }),
  /** those of all failed records of a connection that lack the same mapping as one of them */
  z.object({ by: z.literal("failed-lacking"), id: z.guid() }),
  z.object({ by: z.literal("failed-matching"), filter }),
]);
export type Selection = z.infer<typeof Selection>;

/** A question about an order to finance or operations. */
export const Ask = z.object({
  entityId: z.string().min(1).max(64),
  orderKey: z.guid(),
  team: z.enum(["finance", "operations"], "Choose whom you ask."),
  note: z.string().trim().min(5, "Say in a few words what you need to know.").max(4000),
});
export type Ask = z.infer<typeof Ask>;

/** The answer to the question that an exception stands for. */
export const Answer = z.object({
  entityId: z.string().min(1).max(64),
  exceptionId: z.guid(),
  answer: z.string().trim().min(2, "Write the answer.").max(4000),
});
export type Answer = z.infer<typeof Answer>;

/** Whose data is to be shown in full, and why. */
export const Reveal = z.object({
  entityId: z.string().min(1).max(64),
  orderKey: z.guid(),
  reason: z.string().trim().min(5, "Say why you need it.").max(400),
});
export type Reveal = z.infer<typeof Reveal>;

/** Many orders of one entity that are to be read again. */
export const ResyncMany = z.object({ entityId: z.string().min(1).max(64), selection: Selection });
export type ResyncMany = z.infer<typeof ResyncMany>;

/** A run that reads many orders again, to be stopped or gone on with. */
export const OneResync = z.object({ entityId: z.string().min(1).max(64), runId: z.guid() });
export type OneResync = z.infer<typeof OneResync>;

/** What came of one of many orders. */
export const resyncStates = ["waiting", "unchanged", "changed", "solved", "failed"] as const;
export type ResyncState = (typeof resyncStates)[number];

/** Which of a run's orders are shown, as the address says it. */
export const ResyncFilter = z.object({
  state: z.enum(resyncStates).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});
export type ResyncFilter = z.infer<typeof ResyncFilter>;

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
    .array(
      z.object({ id: z.string(), shippedAt: instant, deliveryStatus: text, carrier: text, tracking: text }),
    )
    .catch([])
    .default([]),
  payments: z
    .array(
      z.object({
        key: z.string().catch(""),
        amount: minor.nullish().transform((amount) => amount ?? null),
        giftCard: z.boolean().catch(false),
      }),
    )
    .catch([])
    .default([]),
  fees: z
    .array(z.object({ key: z.string().catch(""), category: z.string().catch(""), gross: minor }))
    .catch([])
    .default([]),
  vouchers: z
    .array(z.object({ code: text, type: text, value: text }))
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
