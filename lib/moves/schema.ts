import { z } from "zod";
import { bucketNames } from "@/lib/close/schema";
import { type Day, dayName } from "@/lib/domain/day";

/** Why a total moved, the more certain first: what was found of a group is told by the first of these that fits. */
export const moveReasons = ["source", "person", "setting", "time", "other", "before"] as const;
export type MoveReason = (typeof moveReasons)[number];

/** What of a total is asked for; `count`: units of SCAYLE, document lines of the ERP, subjects of a cause. */
export const moveFigures = ["gross", "net", "tax", "count"] as const;
export type MoveFigure = (typeof moveFigures)[number];

/**
 * A total of the close page. `cause` is one cause's code, `scayle-bucket` and `erp-bucket` one side's lines of a bucket; the
 * others stand alone.
 */
export type MoveTotal =
  | Readonly<{ name: "scayle" | "erp" | "explained" | "unexplained"; key: null }>
  | Readonly<{ name: "cause" | "scayle-bucket" | "erp-bucket"; key: string }>;

/** A total as an address has it: "scayle", "cause:price-wrong", "erp-bucket:open". */
export const totalText = ({ name, key }: MoveTotal): string => (key === null ? name : `${name}:${key}`);

/** Reads such a text; what can't be understood is SCAYLE's total. */
export function totalFrom(text: string | undefined): MoveTotal {
  const [name, key = ""] = (text ?? "").split(":");
  if (name === "cause" && /^[a-z][a-z0-9-]{0,63}$/.test(key)) return { name, key };
  if (name === "scayle-bucket" || name === "erp-bucket") {
    const bucket = bucketNames.find((one) => one === key);
    if (bucket) return { name, key: bucket };
  }
  if (name === "erp" || name === "explained" || name === "unexplained") return { name, key: null };
  return { name: "scayle", key: null };
}

/** A moment as an address has it: the end of a day of the books, or an instant. */
export type AskedMoment = Readonly<{ day: string } | { instant: Date }>;

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** Reads a moment; null where it is none. */
export function momentFrom(text: string | undefined): AskedMoment | null {
  if (text === undefined) return null;
  if (DAY.test(text)) {
    const real = new Date(`${text}T00:00:00Z`);
    return !Number.isNaN(real.getTime()) && real.toISOString().startsWith(text) ? { day: text } : null;
  }
  const instant = z.iso.datetime({ offset: true }).safeParse(text);
  return instant.success ? { instant: new Date(instant.data) } : null;
}

/** "the end of 12 Nov 2026" */
export const endOf = (day: Day): string => `the end of ${dayName(day)}`;

/** Since when changes are asked for: a visit, a sign-off, the very beginning, or a moment. Null: not said. */
export type AskedSince = "visit" | "sign-off" | "start" | AskedMoment | null;

/** Reads what `since` says in an address. */
export const sinceFrom = (text: string | undefined): AskedSince =>
  text === "visit" || text === "sign-off" || text === "start" ? text : momentFrom(text);

const text = (max: number) =>
  z.preprocess(
    (value) => (Array.isArray(value) ? value[0] : value),
    z
      .string()
      .max(max)
      .optional()
      .catch(undefined)
      .transform((given) => (given === "" ? undefined : given)),
  );
const choice = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  text(64).pipe(z.enum(names).optional().catch(undefined));

/** What of a month the close page shows: as at which moment, and what changed since when. */
export const CloseQuery = z.object({ entity: text(64), at: text(40), since: text(40) });
export type CloseQuery = z.infer<typeof CloseQuery>;

/** What the list of a total's movements shows, as its address says it; what can't be understood is left out. */
export const WhyQuery = CloseQuery.extend({
  currency: text(3),
  total: text(80).transform(totalFrom),
  of: choice(moveFigures).transform((of) => of ?? "gross"),
  why: choice(moveReasons),
  sort: choice(["amount", "at"]).transform((sort) => sort ?? "amount"),
  page: text(7).transform((digits) => Math.min(100_000, Math.max(1, Math.trunc(Number(digits)) || 1))),
});
export type WhyQuery = z.infer<typeof WhyQuery>;
