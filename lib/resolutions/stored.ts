import { z } from "zod";

/* What the columns of an attempt hold, back in its own types: amounts are integer texts there. */

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits) => BigInt(digits));
const known = z.object({ net: minor, tax: minor, gross: minor });
const kind = z.enum(["sale", "credit"]);

const draftLine = known.extend({
  kind: z.enum(["item", "shipping", "fee", "rounding"]),
  number: z.string(),
  description: z.string(),
  quantity: z.string(),
  taxCode: z.string(),
  taxRate: z.string().nullable(),
});

const ledgerWrite = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("post-document"),
    document: z.object({
      kind,
      reference: z.string(),
      currency: z.string(),
      postingDay: z.string(),
      shipTo: z.string().nullable(),
      payment: z.string().exactOptional(),
      corrects: z.object({ sourceId: z.string(), number: z.string() }).nullable(),
      lines: z.array(draftLine),
    }),
  }),
  z.object({
    kind: z.literal("reverse-document"),
    document: z.object({ kind, sourceId: z.string(), number: z.string(), reference: z.string() }),
    postingDay: z.string(),
  }),
]);

const storeWrite = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("refund"),
    shop: z.string(),
    orderId: z.string(),
    currency: z.string(),
    amount: minor,
    items: z.array(known.extend({ itemId: z.string(), quantity: z.number() })),
    reason: z.string(),
    returnedOn: z.string().exactOptional(),
  }),
  z.object({
    kind: z.literal("line-values"),
    shop: z.string(),
    orderId: z.string(),
    currency: z.string(),
    items: z.array(known.extend({ itemId: z.string(), taxRate: z.string() })),
    total: known,
  }),
  z.object({
    kind: z.literal("stock"),
    itemKey: z.string(),
    warehouse: z.string(),
    merchant: z.string().nullable(),
    quantity: z.string(),
    changedAt: z.string(),
    withoutStock: z.boolean().nullable(),
  }),
  z.object({
    kind: z.literal("shipment"),
    shop: z.string(),
    orderId: z.string(),
    itemIds: z.array(z.string()),
    carrier: z.string(),
    shipmentKey: z.string(),
  }),
  z.object({
    kind: z.literal("cancellation"),
    shop: z.string(),
    orderId: z.string(),
    itemIds: z.array(z.string()),
  }),
  z.object({
    kind: z.literal("return"),
    shop: z.string(),
    orderId: z.string(),
    itemIds: z.array(z.string()),
    returnedOn: z.string(),
  }),
  z.object({
    kind: z.literal("reference-key"),
    shop: z.string(),
    orderId: z.string(),
    referenceKey: z.string(),
  }),
]);

const figures = z.object({ net: minor.nullable(), tax: minor.nullable(), gross: minor.nullable() });

/** A plan as it was kept (contract.ts). */
export const StoredPlan = z.object({
  sentence: z.string(),
  effect: z.string(),
  undo: z.string(),
  expects: z
    .object({
      name: z.string(),
      changes: z.array(z.object({ what: z.string(), before: z.string(), after: z.string() })),
      readAt: z.string(),
      timeZone: z.string(),
      closes: z.array(z.string()),
      besides: z.array(z.string()),
    })
    .optional(),
  writes: z.array(
    z.discriminatedUnion("target", [
      z.object({
        target: z.literal("erp"),
        connectionId: z.string(),
        write: ledgerWrite,
        figures: figures.nullable(),
        amount: z.object({ currency: z.string(), minor }).exactOptional(),
      }),
      z.object({
        target: z.literal("scayle"),
        connectionId: z.string(),
        write: storeWrite,
        figures: z.null(),
      }),
    ]),
  ),
});
export type StoredPlan = z.infer<typeof StoredPlan>;

const request = z.object({
  does: z.string(),
  method: z.enum(["GET", "POST", "PATCH", "PUT", "DELETE"]),
  path: z.string(),
  body: z.unknown(),
});

/** What goes out for each write; `lacks` says why there is no path, and a person does it. */
export const StoredPreview = z.array(
  z.object({ system: z.string(), requests: z.array(request), lacks: z.string().nullable() }),
);
export type StoredPreview = z.infer<typeof StoredPreview>;

export const StoredWorths = z.array(z.object({ currency: z.string(), minor: minor.nullable() }));

const side = known.extend({ lines: z.number() });
/** What an order and its months were worth on both sides. */
export const StoredFigures = z.object({
  at: z.string(),
  exception: z.object({ net: minor, tax: minor, gross: minor, explanation: z.string() }).nullable(),
  order: z.array(z.object({ period: z.string(), currency: z.string(), scayle: side, erp: side })),
  months: z.array(
    // SCAYLE − ERP in gross, and in net and tax; what was kept before had only the gross
    z.object({
      period: z.string(),
      currency: z.string(),
      scayle: minor,
      erp: minor,
      difference: minor,
      net: minor.nullish().transform((amount) => amount ?? null),
      tax: minor.nullish().transform((amount) => amount ?? null),
    }),
  ),
  documents: z.array(
    z.object({
      side: z.string(),
      kind: z.string(),
      number: z.string(),
      status: z.string().nullable(),
      gross: minor,
    }),
  ),
});
export type StoredFigures = z.infer<typeof StoredFigures>;

export const StoredLeftOut = z.array(z.object({ reason: z.string(), count: z.number() }));
export type StoredLeftOut = z.infer<typeof StoredLeftOut>;

const openException = known.extend({
  orderKey: z.string(),
  id: z.string(),
  cause: z.string(),
  currency: z.string(),
  documentKind: z.string(),
  reference: z.string().nullable(),
  explanation: z.string(),
  rootCauseId: z.string().nullable(),
  extent: minor,
});

/** How the orders of a batch stood before anything was sent (batch-effect.ts). */
export const StoredBefore = z.object({
  /** the exceptions it was begun for, and why nothing is sent for some of them */
  own: z.array(z.string()).readonly(),
  left: z.record(z.string(), z.string()),
  keys: z.array(z.string()).readonly(),
  open: z.array(openException).readonly(),
  /** pairs that agree, or whose difference is proved */
  settled: z.array(z.object({ key: z.string(), agrees: z.boolean() })).readonly(),
  sums: z.array(known.extend({ currency: z.string() })).readonly(),
});
export type BatchBefore = z.infer<typeof StoredBefore>;
