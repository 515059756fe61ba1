import { z } from "zod";

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** What of an entity's stock is shown. */
export const stockViews = ["all", "drifting", "risk", "in-flight", "unknown"] as const;
export type StockViewName = (typeof stockViews)[number];

/** What is shown first where nobody asked for anything: what is to be acted on, else all; words are looked for among all. */
export const firstView = (
  { view, q }: Readonly<{ view?: StockViewName | undefined; q: string }>,
  { drifting, risk }: Readonly<{ drifting: number; risk: number }>,
): StockViewName => view ?? (q !== "" ? "all" : drifting > 0 ? "drifting" : risk > 0 ? "risk" : "all");

/** Which items are shown, as the address says it. */
export const StockQuery = z.object({
  entity: z.preprocess(first, z.string().optional().catch(undefined)),
  /** none: what drifts or is at risk, where anything does */
  view: z.preprocess(first, z.enum(stockViews).optional().catch(undefined)),
  q: z.preprocess(first, z.string().trim().max(100).catch("")),
  page: z.preprocess(first, z.coerce.number().int().min(1).max(100_000).catch(1)),
});
export type StockQuery = z.infer<typeof StockQuery>;

/** Why an event whose name starts with `basket` never moves stock. */
export const NO_BASKET =
  "Stock moves when an order is created, never with a basket: most baskets are never bought, and their pieces would be missing for those who buy.";

/** The events from which on an order may take its pieces. */
export const MOVES_ON = ["order-confirmed", "order-pending"] as const;

const key = z.string().trim().min(1).max(100);

/** Sets how an entity's stock is compared, with the reason. */
export const SetStockPolicy = z
  .object({
    entityId: z.string().min(1).max(64),
    warehouses: z.array(key).max(200),
    main: key.nullable(),
    movesOn: z
      .string()
      .trim()
      .refine((name) => !name.toLowerCase().startsWith("basket"), { error: NO_BASKET })
      .pipe(z.enum(MOVES_ON, { error: "It is order-confirmed, or order-pending." })),
    toldWithinMinutes: z.number({ error: "Write whole minutes." }).int().min(0).max(1440),
    reason: z.string().trim().min(3, "Say why, for whoever reads it later.").max(1_000),
  })
  .refine(({ main, warehouses }) => main === null || warehouses.length === 0 || warehouses.includes(main), {
    path: ["main"],
    error: "It is none of the warehouses named.",
  });
export type SetStockPolicy = z.infer<typeof SetStockPolicy>;
