import type pg from "pg";
import { CONCERNED, expandScope } from "./members";
import { STANDING } from "./standing-causes";

/** What a reconciliation looks at: everything, one month, given groups, or what changed (and what was on its way, waits for a
 * record that could not be read, or clears itself once its months are over). */
export type Scope =
  | Readonly<{ kind: "all" }>
  | Readonly<{ kind: "period"; period: string }>
  | Readonly<{ kind: "groups"; orderKeys: readonly string[] }>
  | Readonly<{ kind: "changed" }>;

/** A range of order keys, both ends included. Keys are hashes: equal ranges hold about as many groups. */
export type Slice = Readonly<{
  from: string;
  to: string;
  /** what is concerned with groups of several orders: left out, or nothing else. Absent: all, with those groups added */
  several?: "without" | "only";
}>;

/** All keys there can be. */
export const WHOLE: Slice = {
  from: "00000000-0000-0000-0000-000000000000",
  to: "ffffffff-ffff-ffff-ffff-ffffffffffff",
};

/** Groups in a slice: few enough that its rows stay in memory, many enough that a join of whole tables pays. */
const SLICE_GROUPS = 20_000;

/** Slices at most: each joins whole tables, so more and more of them would make the work grow with the square of the books. */
const SLICES_MAX = 12;

/** So few groups are looked at one by one, by statements that are planned once: laying out tables would take longer. */
export const FEW_GROUPS = 20;

const sliceOf = (groups: number): number => Math.max(SLICE_GROUPS, Math.ceil(groups / SLICES_MAX));

/**
 * The slices in which a scope is worked through, each in a transaction of its own and in any order.
 * One slice where `groups` (about how many there are) fit into it.
 */
export function slicesOf(groups: number, sliceGroups = sliceOf(groups)): readonly Slice[] {
  const count = Math.max(1, Math.ceil(groups / sliceGroups));
  if (count === 1) return [WHOLE];
  const edge = (index: number) => Math.floor((2 ** 32 * index) / count);
  const hex = (value: number) => value.toString(16).padStart(8, "0");
  return Array.from({ length: count }, (_, index) => ({
    from: `${hex(edge(index))}${WHOLE.from.slice(8)}`,
    to: `${hex(edge(index + 1) - 1)}${WHOLE.to.slice(8)}`,
  }));
}

/**
 * The same slices, and one more for all that is concerned with groups of several orders: their lines are in other
 * groups' tables, so no two transactions may have them at once. They are the slow path, and few.
 */
export const withSeveral = (slices: readonly Slice[]): readonly Slice[] =>
  slices.length === 1
    ? slices
    : [...slices.map((slice) => ({ ...slice, several: "without" as const })), { ...WHOLE, several: "only" }];

/** About how many groups a scope holds; never much too few. */
export async function sizeOfScope(client: pg.ClientBase, entityId: string, scope: Scope): Promise<number> {
  if (scope.kind === "groups") return scope.orderKeys.length;
  const values = scope.kind === "period" ? [entityId, scope.period] : [entityId];
  const { rows } = await client.query<{ size: number }>(SIZES[scope.kind], values);
  return rows[0]?.size ?? 0;
}

const SIZES = {
  all: `SELECT greatest((SELECT count(*) FROM sales_order WHERE entity_id = $1),
                        (SELECT count(*) FROM document WHERE entity_id = $1 AND side = 'erp' AND kind = 'sale'))::int AS size`,
  period: "SELECT (count(*) / 3)::int AS size FROM line WHERE entity_id = $1 AND period = $2",
  changed: "SELECT count(*)::int AS size FROM dirty_group WHERE entity_id = $1",
} as const;

/** Fills the temporary table `scope` with the keys of a slice's groups to look at. Returns how many. */
export async function fillScope(
  client: pg.PoolClient,
  entityId: string,
  scope: Scope,
  slice: Slice = WHOLE,
): Promise<number> {
  await client.query("CREATE TEMP TABLE scope (order_key uuid PRIMARY KEY) ON COMMIT DROP");
  const values: unknown[] = [entityId, slice.from, slice.to];
  if (scope.kind === "period") values.push(scope.period);
  if (scope.kind === "groups") values.push(scope.orderKeys);
  const { rowCount } = await client.query(
    `INSERT INTO scope ${selectionOf(scope, slice)} ON CONFLICT DO NOTHING`,
    values,
  );
  const added = slice.several === "without" ? 0 : await expandScope(client);
  await client.query("ANALYZE scope");
  return (rowCount ?? 0) + added;
}

const selectionOf = (scope: Scope, { several }: Slice): string =>
  several === undefined
    ? SELECTIONS[scope.kind]
    : `SELECT * FROM (${SELECTIONS[scope.kind]}) AS s (key)
        WHERE key ${several === "only" ? "IN" : "NOT IN"} (${CONCERNED})`;

const WITHIN = "entity_id = $1 AND order_key BETWEEN $2::uuid AND $3::uuid";
const DIRTY = `SELECT order_key FROM dirty_group WHERE ${WITHIN}`;

const SELECTIONS: Readonly<Record<Scope["kind"], string>> = {
  all: `
    SELECT order_key FROM sales_order WHERE ${WITHIN}
    UNION SELECT order_key FROM document WHERE ${WITHIN}
    UNION SELECT order_key FROM pair WHERE ${WITHIN}
    UNION SELECT order_key FROM exception WHERE ${WITHIN} AND state <> 'resolved' AND cause NOT IN ${STANDING}
    UNION ${DIRTY}`,
  period: `
    SELECT order_key FROM line WHERE ${WITHIN} AND period = $4
    UNION SELECT order_key FROM cause WHERE ${WITHIN} AND period = $4
    UNION ${DIRTY}`,
  groups: `
    SELECT key FROM unnest($4::uuid[]) AS key
     WHERE $1::text IS NOT NULL AND key BETWEEN $2::uuid AND $3::uuid`,
  changed: `
    ${DIRTY}
    UNION SELECT order_key FROM cause
     WHERE ${WITHIN} AND (bucket = 'timing' OR code IN ('order-unreadable', 'posted-ahead') OR (code = 'cut-off' AND bucket = 'open'))
    UNION SELECT d.order_key FROM failed_record f JOIN document d ON d.entity_id = f.entity_id AND d.side = 'erp'
           AND lower(btrim(d.reference)) IN (lower(btrim(f.reference)), lower(btrim(f.source_id)))
     WHERE f.entity_id = $1 AND f.resource = 'orders' AND f.resolved_at IS NULL
       AND d.order_key BETWEEN $2::uuid AND $3::uuid`,
};
