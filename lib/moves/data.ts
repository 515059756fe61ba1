import "server-only";
import type { Totals } from "@/lib/close/schema";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { NO_GROUP } from "@/lib/matching/movements";
import { type Figures, figuresOf } from "@/lib/matching/summary";
import { FIGURES, type TallyRow } from "@/lib/matching/tally";
import { type MoveFigure, type MoveReason, type MoveTotal, moveReasons } from "./schema";

/** How many movements a page shows. */
export const MOVES_SHOWN = 25;

/** Between which moments of a month: after `from` (null: from its beginning) up to `to`. */
export type Span = Readonly<{ entityId: string; period: Month; from: Date | null; to: Date }>;

const IN_SPAN =
  "entity_id = $1 AND period = $2 AND at > coalesce($3::timestamptz, '-infinity') AND at <= $4::timestamptz";
const spanValues = ({ entityId, period, from, to }: Span): readonly unknown[] => [entityId, period, from, to];

/** What all totals of a month moved by, by currency: sums of its movements. With no `from` the totals themselves. */
export async function sumMoves(span: Span): Promise<ReadonlyMap<string, Figures>> {
  const { rows } = await appPool().query<TallyRow>(
    `SELECT currency, kind, key, ${FIGURES.map((name) => `sum(${name})::bigint AS ${name}`).join(", ")}
       FROM tally_event WHERE ${IN_SPAN} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [...spanValues(span)],
  );
  const moving = rows.filter((row) => FIGURES.some((name) => row[name] !== 0n));
  const currencies = [...new Set(moving.map((row) => row.currency))];
  return new Map(
    currencies.map((currency) => [currency, figuresOf(moving.filter((row) => row.currency === currency))]),
  );
}

/** One figure of one total, of totals or of what they moved by; minor units, or a count. Zero where there is none. */
export function figureOf(
  totals: Pick<Totals, "scayle" | "erp" | "causes" | "unexplained" | "buckets"> | Figures | undefined,
  total: MoveTotal,
  of: MoveFigure,
): bigint {
  if (!totals) return 0n;
  const amount = (one: Readonly<{ net: Minor; tax: Minor; gross: Minor }>, count: number): bigint =>
    of === "count" ? BigInt(count) : one[of];
  if (total.name === "scayle" || total.name === "erp") {
    return amount(totals[total.name], totals[total.name].lines);
  }
  if (total.name === "unexplained") return amount(totals.unexplained, totals.unexplained.count);
  if (total.name === "scayle-bucket" || total.name === "erp-bucket") {
    const buckets: Readonly<
      Record<string, Readonly<{ net: Minor; tax: Minor; gross: Minor; lines: number }>>
    > = totals.buckets[total.name === "scayle-bucket" ? "scayle" : "erp"];
    const bucket = buckets[total.key];
    return bucket ? amount(bucket, bucket.lines) : 0n;
  }
  // What could not be read has no amounts, and is counted where it is listed.
  const causes = totals.causes.filter(
    (one) => one.cause !== "record-failed" && (total.key === null || one.cause === total.key),
  );
  return causes.reduce((sum, one) => sum + amount(one, one.count), 0n);
}

/** Which rows of the movements a total is the sum of (of its key alone, where it has one), and which column. */
function columnsOf({ name }: MoveTotal, of: MoveFigure): Readonly<{ rows: string; column: string }> {
  switch (name) {
    case "scayle":
      return { rows: "kind = 'pair' AND key <> 'excluded'", column: sideColumn("scayle", of) };
    case "erp":
      return { rows: "kind = 'pair' AND key <> 'excluded'", column: sideColumn("erp", of) };
    case "scayle-bucket":
      return { rows: "kind = 'pair'", column: sideColumn("scayle", of) };
    case "erp-bucket":
      return { rows: "kind = 'pair'", column: sideColumn("erp", of) };
    case "explained":
      return { rows: "kind = 'cause' AND key <> 'unexplained'", column: of };
    case "unexplained":
      return { rows: "kind = 'cause' AND key = 'unexplained'", column: of };
    case "cause":
      return { rows: "kind = 'cause'", column: of };
  }
}

const sideColumn = (side: "scayle" | "erp", of: MoveFigure): string =>
  of === "count" ? (side === "scayle" ? "scayle_units" : "erp_lines") : `${side}_${of}`;

/** One group's movement of a total in one reconciliation. `orderKey` null: many groups that were matched first, together. */
export type Move = Readonly<{
  orderKey: string | null;
  runId: string | null;
  at: Date;
  since: Date | null;
  why: MoveReason;
  /** minor units, or a count */
  amount: bigint;
}>;

export type MoveSum = Readonly<{ why: MoveReason; count: number; amount: bigint }>;

export type MovesAsked = Span &
  Readonly<{
    currency: string;
    total: MoveTotal;
    of: MoveFigure;
    why: MoveReason | undefined;
    sort: "amount" | "at";
    page: number;
  }>;

/**
 * A page of what moved a total between two moments, the largest or the newest first, and the sums of all of it by reason. A
 * group whose lines only went from one part of the total to another did not move it and is not listed.
 */
export async function findMoves(
  asked: MovesAsked,
): Promise<Readonly<{ moves: readonly Move[]; sums: readonly MoveSum[] }>> {
  const { rows: which, column } = columnsOf(asked.total, asked.of);
  const reasons = [...moveReasons];
  const moved = `
    WITH moved AS MATERIALIZED (
      SELECT order_key, run_id, at, min(since) AS since, min(array_position($7::text[], why)) AS reason, sum(${column})::bigint AS amount
        FROM tally_event WHERE ${IN_SPAN} AND currency = $5 AND ${which} AND ($6::text IS NULL OR key = $6)
       GROUP BY order_key, run_id, at HAVING sum(${column}) <> 0)`;
  const values = [...spanValues(asked), asked.currency, asked.total.key, reasons];
  const place = asked.why === undefined ? null : reasons.indexOf(asked.why) + 1;
  const [sums, moves] = await Promise.all([
    appPool().query<{ reason: number; count: number; amount: bigint }>(
      `${moved} SELECT reason, count(*)::int AS count, sum(amount)::bigint AS amount FROM moved GROUP BY reason ORDER BY reason`,
      values,
    ),
    appPool().query<Omit<Move, "why"> & { reason: number }>(
      `${moved} SELECT nullif(order_key, '${NO_GROUP}') AS "orderKey", run_id AS "runId", at, since, reason, amount FROM moved
        WHERE $8::int IS NULL OR reason = $8
        ORDER BY ${asked.sort === "amount" ? "abs(amount) DESC, at DESC" : "at DESC, abs(amount) DESC"}, order_key
        LIMIT ${MOVES_SHOWN} OFFSET $9`,
      [...values, place, (asked.page - 1) * MOVES_SHOWN],
    ),
  ]);
  const why = (reason: number): MoveReason => moveReasons[reason - 1] ?? "other";
  return {
    moves: moves.rows.map(({ reason, ...row }) => ({ ...row, why: why(reason) })),
    sums: sums.rows.map(({ reason, ...row }) => ({ ...row, why: why(reason) })),
  };
}
