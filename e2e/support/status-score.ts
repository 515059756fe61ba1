import type pg from "pg";
import { SETTLED_AFTER, STATUS_FAULTS, type StatusFault, type StatusWish } from "@/lib/sandbox/faults/status";
import type { World } from "@/lib/sandbox/model";

/*
 * What of a world stands still in one system, by its own labels, against what the product calls stuck. The labels are the
 * sandbox's: a step that never comes, whatever the age at which the product finds it; one that comes late, by itself.
 */

/** Orders of every fault over four months, of which some began too short ago for anybody to tell; four times as many are only late. */
export const STATUS_WISH: StatusWish = { each: 12, faults: STATUS_FAULTS, late: 2, from: -75, until: 20 };

const DAY = 86_400_000;

export type StatusScore = Readonly<{
  stuck: number;
  found: number;
  right: number;
  /** orders whose steps came late by themselves, and those of them that were called stuck */
  late: number;
  lateCalledStuck: number;
  missed: readonly string[];
  wrong: readonly string[];
  /** per fault: planted and settled, found */
  byFault: ReadonlyMap<StatusFault | "confirmed and left", Readonly<{ stuck: number; found: number }>>;
}>;

/** Orders that stand still by the world's labels at an instant, by SCAYLE's id: what is left out, and the fault of what stands still. */
function truthOf(
  world: World,
  now: number,
): Readonly<{
  stuck: ReadonlyMap<string, string>;
  late: ReadonlySet<string>;
  untold: ReadonlySet<string>;
}> {
  const traces = world.statusTraces ?? [];
  const settled = (dueAt: number) => dueAt <= now - SETTLED_AFTER;
  const faulty = traces.filter((one) => one.fault !== null && one.dueAt <= now);
  const stuck = new Map(
    faulty.filter((one) => settled(one.dueAt)).map((one) => [one.orderId, one.fault ?? ""]),
  );
  const untold = new Set(faulty.filter((one) => !settled(one.dueAt)).map((one) => one.orderId));
  const known = new Set(traces.map((one) => one.orderId));
  for (const { order } of world.affairs) {
    const { confirmedAt, delegatedAt, cancelledAt } = order;
    // The world's own: paid, and never passed on.
    if (known.has(String(order.id)) || confirmedAt === null || confirmedAt > now || order.broken) continue;
    if (delegatedAt !== null || cancelledAt !== null || order.shipments.length > 0) continue;
    if (!settled(confirmedAt)) untold.add(String(order.id));
    else if (order.createdAt > now - 180 * DAY) stuck.set(String(order.id), "confirmed and left");
  }
  const late = new Set(traces.filter((one) => one.fault === null).map((one) => one.orderId));
  return { stuck, late, untold };
}

/** Compares the labels of a world with the open exceptions of status-drift in a database that was brought to it. */
export async function scoreStatus(pool: pg.Pool, world: World, at: Date): Promise<StatusScore> {
  const { rows } = await pool.query<{ order: string; explanation: string }>(
    `SELECT order_source_id AS order, explanation FROM exception WHERE cause = 'status-drift' AND state <> 'resolved'`,
  );
  const { stuck, late, untold } = truthOf(world, at.getTime());
  const counted = rows.filter((row) => !untold.has(row.order));
  const found = new Set(counted.map((row) => row.order));
  const byFault = new Map<StatusFault | "confirmed and left", { stuck: number; found: number }>();
  for (const [orderId, fault] of stuck) {
    const key = fault as StatusFault | "confirmed and left";
    const so = byFault.get(key) ?? { stuck: 0, found: 0 };
    byFault.set(key, { stuck: so.stuck + 1, found: so.found + (found.has(orderId) ? 1 : 0) });
  }
  return {
    stuck: stuck.size,
    found: found.size,
    right: [...found].filter((order) => stuck.has(order)).length,
    late: late.size,
    lateCalledStuck: [...found].filter((order) => late.has(order)).length,
    missed: [...stuck].filter(([order]) => !found.has(order)).map(([order, fault]) => `${fault} ${order}`),
    wrong: counted.filter((row) => !stuck.has(row.order)).map((row) => row.explanation),
    byFault,
  };
}

export const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
