import { z } from "zod";
import type { EffectDetail, EffectOne } from "@/lib/matching/preview";

/** An open exception of a root cause, as its fix finds it. `extent`: the largest of net, tax and gross without signs, minor units. */
export type OpenException = Readonly<{
  id: string;
  orderKey: string;
  cause: string;
  currency: string;
  reference: string | null;
  extent: bigint;
}>;

const minor = z.union([z.string(), z.bigint()]).transform((digits) => BigInt(digits));
const Sum = z.object({ currency: z.string(), count: z.number(), extent: minor });
const Named = z.object({ id: z.string(), reference: z.string().nullable() });

/** What becomes of the exceptions of a root cause by its fix, and of others by it; kept as JSON. The unit is the exception throughout. */
export const FixEffect = z.object({
  /** of the root cause's own: cleared */
  cleared: z.array(Sum).readonly(),
  /** of the root cause's own: left to people, by the reason */
  left: z
    .array(
      z.object({
        reason: z.string(),
        count: z.number(),
        sums: z.array(Sum).readonly(),
        some: z.array(Named).readonly(),
      }),
    )
    .readonly(),
  /** cleared along with them */
  others: z.array(Sum.extend({ cause: z.string() })).readonly(),
  /** of other root causes: the same differences go on, in the documents that stand in the place of others */
  carried: z.array(Sum.extend({ cause: z.string() })).readonly(),
  /** made by it */
  made: z
    .array(
      Sum.extend({
        cause: z.string(),
        some: z.array(z.object({ reference: z.string().nullable(), explanation: z.string() })).readonly(),
      }),
    )
    .readonly(),
  /** by how much SCAYLE − ERP moves */
  moved: z.array(z.object({ currency: z.string(), net: minor, tax: minor, gross: minor })).readonly(),
  /** which they are, so that what was predicted can be held against what was done */
  keys: z.object({ cleared: z.array(z.string()).readonly(), made: z.array(z.string()).readonly() }),
});
export type FixEffect = z.infer<typeof FixEffect>;

const SOME = 10;
const STILL = "The same difference would be found again afterwards.";

type Summed = z.infer<typeof Sum>;

function sumsOf(rows: readonly Readonly<{ currency: string; extent: bigint }>[]): readonly Summed[] {
  const sums = new Map<string, Summed>();
  for (const { currency, extent } of rows) {
    const sum = sums.get(currency);
    sums.set(currency, { currency, count: (sum?.count ?? 0) + 1, extent: (sum?.extent ?? 0n) + extent });
  }
  return [...sums.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function groupedBy<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly (readonly [string, readonly Row[]])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return [...groups].sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
}

/** What a made exception is known by: a document that is not posted yet has no number, so it is not part of it. */
export const madeKey = ({ orderKey, cause, documentKind, currency, net, tax, gross }: EffectOne): string =>
  [orderKey, cause, documentKind, currency, net, tax, gross].join(" ");

/** Exceptions that are found again with the same amounts, in a document that stands in the place of another; and what is new. */
function goingOn(
  cleared: readonly EffectOne[],
  made: readonly EffectOne[],
): Readonly<{ carried: ReadonlySet<string>; fresh: readonly EffectOne[] }> {
  const before = new Map<string, string[]>();
  for (const one of cleared) before.set(madeKey(one), [...(before.get(madeKey(one)) ?? []), one.id]);
  const carried = new Set<string>();
  const fresh = made.filter((one) => {
    const id = before.get(madeKey(one))?.pop();
    if (id !== undefined) carried.add(id);
    return id === undefined;
  });
  return { carried, fresh };
}

/**
 * What becomes of a root cause's open exceptions, of other exceptions and of SCAYLE − ERP, from what was found before and
 * after. `left` has why nothing is sent for an exception.
 */
export function fixEffectOf(
  open: readonly OpenException[],
  left: ReadonlyMap<string, string>,
  details: readonly EffectDetail[],
): FixEffect {
  const cleared = details.flatMap((one) => one.cleared);
  const made = details.flatMap((one) => one.made);
  const own = new Set(open.map((one) => one.id));
  const { carried, fresh } = goingOn(cleared, made);
  const gone = new Set(cleared.filter((one) => !carried.has(one.id)).map((one) => one.id));
  const moved = new Map<string, FixEffect["moved"][number]>();
  for (const one of details.flatMap((detail) => detail.moved)) {
    const sum = moved.get(one.currency);
    moved.set(one.currency, {
      currency: one.currency,
      net: (sum?.net ?? 0n) + one.net,
      tax: (sum?.tax ?? 0n) + one.tax,
      gross: (sum?.gross ?? 0n) + one.gross,
    });
  }
  return {
    cleared: sumsOf(open.filter((one) => gone.has(one.id))),
    left: groupedBy(
      open.filter((one) => !gone.has(one.id)),
      ({ id }) => left.get(id) ?? STILL,
    ).map(([reason, rows]) => ({
      reason,
      count: rows.length,
      sums: sumsOf(rows),
      some: rows.slice(0, SOME).map(({ id, reference }) => ({ id, reference })),
    })),
    others: groupedBy(
      cleared.filter((one) => !own.has(one.id) && gone.has(one.id)),
      (one) => one.cause,
    ).flatMap(([cause, rows]) => sumsOf(rows).map((sum) => ({ ...sum, cause }))),
    carried: groupedBy(
      cleared.filter((one) => !own.has(one.id) && carried.has(one.id)),
      (one) => one.cause,
    ).flatMap(([cause, rows]) => sumsOf(rows).map((sum) => ({ ...sum, cause }))),
    made: groupedBy(fresh, (one) => `${one.cause} ${one.currency}`).flatMap(([, rows]) =>
      sumsOf(rows).map((sum) => ({
        ...sum,
        cause: rows[0]?.cause ?? "",
        some: rows.slice(0, SOME).map(({ reference, explanation }) => ({ reference, explanation })),
      })),
    ),
    moved: [...moved.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    keys: { cleared: cleared.map((one) => one.id).sort(), made: made.map(madeKey).sort() },
  };
}
