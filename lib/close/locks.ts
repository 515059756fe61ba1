import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { KnownAmounts, Minor } from "@/lib/domain/money";
import type { LockedFigures } from "./strip";

/** By how much a lock's figures are others than those of the lock before it, in one currency; gross, minor units. */
export type LockChange = Readonly<{ currency: string; scayle: Minor; erp: Minor }>;

/** One closing of a month as the page shows it. */
export type Lock = Readonly<{
  lockNo: number;
  lockedAt: Date;
  lockedBy: string;
  /** the order that was locked anew alone; null: the whole month */
  order: string | null;
  /** who asked that the order is locked anew, and who approved it; null for the whole month */
  askedBy: string | null;
  approvedBy: string | null;
  documents: bigint;
  lines: bigint;
  pairs: bigint;
  causes: bigint;
  digest: string;
  /** against the lock before it; currencies that did not move are left out */
  changes: readonly LockChange[];
}>;

type Figures = Readonly<
  Record<string, Readonly<Record<"scayle" | "erp", Readonly<{ gross: string }> | undefined>>>
>;
type Row = Omit<Lock, "changes"> & Readonly<{ figures: Figures; before: Figures | null }>;

/** The locks of a month, newest first. */
export async function findLocks(
  pool: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<readonly Lock[]> {
  const { rows } = await pool.query<Row>(
    `SELECT p.lock_no AS "lockNo", p.locked_at AS "lockedAt", p.locked_by AS "lockedBy", r.order_reference AS "order",
            r.asked_by AS "askedBy", r.decided_by AS "approvedBy", p.documents, p.lines, p.pairs, p.causes, p.digest, p.figures,
            lag(p.figures) OVER (ORDER BY p.lock_no) AS before
       FROM locked_period p LEFT JOIN period_reopening r ON r.id = p.reopening_id
      WHERE p.entity_id = $1 AND p.month = $2 ORDER BY p.lock_no DESC`,
    [entityId, month],
  );
  return rows.map(({ figures, before, ...lock }) => ({
    ...lock,
    changes: before === null ? [] : changesOf(before, figures),
  }));
}

function changesOf(before: Figures, after: Figures): readonly LockChange[] {
  const grossOf = (figures: Figures, currency: string, side: "scayle" | "erp") =>
    BigInt(figures[currency]?.[side]?.gross ?? "0");
  const moved = (currency: string, side: "scayle" | "erp") =>
    grossOf(after, currency, side) - grossOf(before, currency, side);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((currency) => ({ currency, scayle: moved(currency, "scayle"), erp: moved(currency, "erp") }))
    .filter(({ scayle, erp }) => scayle !== 0n || erp !== 0n);
}

/** Of a month's locks, newest first, those of single orders since the whole month was locked: what its signatures don't cover. */
export function relockedSince(locks: readonly Lock[]): readonly Lock[] {
  const whole = locks.findIndex(({ order }) => order === null);
  return whole < 0 ? locks : locks.slice(0, whole);
}

/** What is locked of a month that is closed, by currency, gross; empty for a month that is open. */
export async function findLockedFigures(
  pool: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<ReadonlyMap<string, LockedFigures>> {
  const { rows } = await pool.query<{ currency: string } & LockedFigures>(
    `SELECT f.key AS currency, (f.value -> 'scayle' ->> 'gross')::bigint AS scayle, (f.value -> 'erp' ->> 'gross')::bigint AS erp,
            coalesce(f.value -> 'causes' -> 'unexplained' ->> 'gross', '0')::bigint AS unexplained,
            to_char(l.locked_at AT TIME ZONE e.time_zone, 'YYYY-MM-DD') AS day
       FROM period p JOIN locked_period l ON l.entity_id = p.entity_id AND l.month = p.month AND l.lock_no = p.lock_no
       JOIN entity e ON e.id = p.entity_id,
            jsonb_each(l.figures) f
      WHERE p.entity_id = $1 AND p.month = $2 AND p.state = 'closed'`,
    [entityId, month],
  );
  return new Map(rows.map(({ currency, ...figures }) => [currency, figures]));
}

/** What is locked of a month that is closed on both sides, by currency; null for a month that is open. */
export async function findLockedTotals(
  pool: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<Readonly<{ lockedAt: Date; of: ReadonlyMap<string, LockedTotals> }> | null> {
  const { rows } = await pool.query<{ lockedAt: Date; figures: Kept }>(
    `SELECT l.locked_at AS "lockedAt", l.figures
       FROM period p JOIN locked_period l ON l.entity_id = p.entity_id AND l.month = p.month AND l.lock_no = p.lock_no
      WHERE p.entity_id = $1 AND p.month = $2 AND p.state = 'closed'`,
    [entityId, month],
  );
  const [held] = rows;
  return held ? { lockedAt: held.lockedAt, of: totalsIn(held.figures) } : null;
}

/** What a lock of a month has on both sides, by currency: its newest up to a number, of an open month too; empty without any. */
export async function findTotalsOfLock(
  pool: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
  lockNo?: number,
): Promise<ReadonlyMap<string, LockedTotals>> {
  const { rows } = await pool.query<{ figures: Kept }>(
    `SELECT figures FROM locked_period WHERE entity_id = $1 AND month = $2 AND ($3::int IS NULL OR lock_no <= $3)
      ORDER BY lock_no DESC LIMIT 1`,
    [entityId, month, lockNo ?? null],
  );
  return totalsIn(rows[0]?.figures ?? {});
}

function totalsIn(figures: Kept): ReadonlyMap<string, LockedTotals> {
  const amounts = ({ net, tax, gross }: Texts): KnownAmounts => ({
    net: BigInt(net),
    tax: BigInt(tax),
    gross: BigInt(gross),
  });
  return new Map(
    Object.entries(figures).map(([currency, { scayle, erp }]) => [
      currency,
      { scayle: amounts(scayle), erp: amounts(erp) },
    ]),
  );
}

/** Both sides of a lock in one currency; minor units. */
type LockedTotals = Readonly<Record<"scayle" | "erp", KnownAmounts>>;
type Texts = Readonly<Record<"net" | "tax" | "gross", string>>;
type Kept = Readonly<Record<string, Readonly<Record<"scayle" | "erp", Texts>>>>;
