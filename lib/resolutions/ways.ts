import "server-only";
import type pg from "pg";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { conditionOf } from "@/lib/exceptions/filter";
import { openStates } from "@/lib/exceptions/machine";
import { Evidence, ExceptionQuery } from "@/lib/exceptions/schema";
import { isStanding } from "@/lib/matching/standing-causes";
import { MOST_AT_ONCE } from "./batches";
import { opensFor } from "./opens";
import { resolutions } from "./registry";
import type { ResolutionSelection } from "./schema";

/** A way to put exceptions right, for those who choose one. */
export type Way = Readonly<{
  code: string;
  title: string;
  meaning: string;
  /** sent to another system and read back, or made within Tieout */
  kind: "written" | "kept";
  /** of the exceptions so many have it */
  count: number;
  /** a second person approves it whatever its amount */
  alwaysSecond: boolean;
  /** it is about what stands beside the books: what it is expected to change is told before it is sent */
  foretold: boolean;
  /** where it is made, of one exception alone */
  href: string | null;
}>;

/** Every way that some of the exceptions have, in the order in which they are offered. */
export type Ways = Readonly<{
  /** open exceptions among those that are meant */
  open: number;
  /** so many can be sent at once, and whether there are more than that */
  most: number;
  isMore: boolean;
  ways: readonly Way[];
}>;

type Counted = Readonly<{ cause: string; count: number }>;

async function causesOf(
  pool: pg.Pool,
  actor: Actor,
  entityId: string,
  selection: ResolutionSelection,
  now: Date,
): Promise<readonly Counted[]> {
  const open = [...openStates];
  if (selection.by === "root-cause") {
    const { rows } = await pool.query<Counted>(
      `SELECT cause, count(*)::int AS count FROM exception
        WHERE entity_id = $1 AND root_cause_id = $2 AND state = ANY($3) GROUP BY 1`,
      [entityId, selection.id, open],
    );
    return rows;
  }
  if (selection.by === "exceptions") {
    const { rows } = await pool.query<Counted>(
      `SELECT cause, count(*)::int AS count FROM exception
        WHERE entity_id = $1 AND id = ANY($2::uuid[]) AND state = ANY($3) GROUP BY 1`,
      [entityId, [...selection.ids], open],
    );
    return rows;
  }
  if (selection.by !== "exceptions-matching") return [];
  const zone = await pool.query<{ zone: string }>("SELECT time_zone AS zone FROM entity WHERE id = $1", [
    entityId,
  ]);
  const scope = { entityIds: [entityId], actorId: actor.id, today: dayIn(now, zone.rows[0]?.zone ?? "UTC") };
  const { sql, params } = conditionOf(scope, { ...ExceptionQuery.parse(selection.filter), entity: entityId });
  const { rows } = await pool.query<Counted>(
    `SELECT e.cause, count(*)::int AS count FROM exception e WHERE ${sql} AND e.state = ANY($${params.length + 1}) GROUP BY 1`,
    [...params, open],
  );
  return rows;
}

/** Where what is kept within Tieout is made for one exception; null: nowhere for it. */
async function placesOf(
  pool: pg.Pool,
  actor: Actor,
  entityId: string,
  id: string,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{
    orderKey: string;
    cause: string;
    period: string;
    rootCauseId: string | null;
    state: string;
    evidence: unknown;
  }>(
    `SELECT order_key AS "orderKey", cause, period, state, root_cause_id AS "rootCauseId", evidence FROM exception
      WHERE id = $1 AND entity_id = $2`,
    [id, entityId],
  );
  const [row] = rows;
  if (!row) return new Map();
  const { missing } = Evidence.parse(row.evidence ?? {});
  return new Map(
    resolutions.flatMap((one) => {
      const at = one.kind === "kept" ? one.at({ ...row, entityId, id, missing }) : null;
      // A place on the exception's own page.
      return at === null || !opensFor(actor, { ...row, entityId }, at)
        ? []
        : [[one.code, at.startsWith("#") ? `/exceptions/${id}${at}` : at] as const];
    }),
  );
}

/**
 * How exceptions can be put right: every resolution that some of them have, and how many. Throws Refusal "not-allowed".
 */
export async function waysOf(
  actor: Actor,
  entityId: string,
  selection: ResolutionSelection,
  { now, pool = appPool() }: Readonly<{ now: Date; pool?: pg.Pool }>,
): Promise<Ways> {
  assertMay(actor, "exceptions.read", entityId);
  const counted = await causesOf(pool, actor, entityId, selection, now);
  const open = counted.reduce((sum, { count }) => sum + count, 0);
  const [alone] = selection.by === "exceptions" && selection.ids.length === 1 ? selection.ids : [];
  const places =
    alone === undefined ? new Map<string, string>() : await placesOf(pool, actor, entityId, alone);
  return {
    open,
    most: MOST_AT_ONCE,
    isMore: open > MOST_AT_ONCE,
    ways: resolutions.flatMap((one): readonly Way[] => {
      const count = counted
        .filter(({ cause }) => one.suits.includes("*") || one.suits.includes(cause))
        .reduce((sum, each) => sum + each.count, 0);
      const href = places.get(one.code) ?? null;
      if (count === 0 || (one.kind === "kept" && alone !== undefined && href === null)) return [];
      const { code, title, meaning, kind } = one;
      return [
        {
          code,
          title,
          meaning,
          kind,
          count,
          href,
          alwaysSecond: one.kind === "written" && one.alwaysSecond,
          foretold: one.kind === "written" && one.suits.every(isStanding),
        },
      ];
    }),
  };
}
