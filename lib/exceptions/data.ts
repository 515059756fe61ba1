import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import {
  amountIn,
  conditionOf,
  type ExceptionScope,
  entitiesWithin,
  noYesterday,
  sinceYesterday,
} from "./filter";
import { openStates } from "./machine";
import { ageBuckets, type ExceptionGroup, ExceptionQuery, type ExceptionSort, NO_SHOP } from "./schema";

/** How many exceptions a page of the list shows. */
export const PAGE_SIZE = 50;

export type ExceptionRow = Readonly<{
  id: string;
  entityId: string;
  orderKey: string;
  cause: string;
  order: string | null;
  document: string | null;
  currency: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
  period: Month;
  firstSeenAt: Date;
  /** its business date, else the day on which it was found */
  businessDay: Day;
  shop: string | null;
  ownerTeam: string;
  assigneeId: string | null;
  assignee: string | null;
  due: Day | null;
  state: string;
  severity: string;
  ambiguous: boolean;
  explanation: string;
  waitingOn: string | null;
  version: number;
}>;

/** Count and sums of a filter, per currency: amounts are never converted to make a sum. */
export type ExceptionTotal = Readonly<{
  currency: string;
  count: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
}>;

const sortColumns: Readonly<Record<Exclude<ExceptionSort, "gross" | "value">, string>> = {
  cause: "e.cause",
  order: "e.order_reference",
  document: "e.document_number",
  age: "e.age_day",
  owner: "e.owner_team",
  assignee: "u.name",
  due: "e.due",
  state: "e.state",
};
const MAY_BE_NULL: ReadonlySet<string> = new Set(["order", "document", "assignee", "due"]);

const columnsOf = (period: string | undefined): string =>
  `e.id, e.entity_id AS "entityId", e.order_key AS "orderKey", e.cause, e.order_reference AS "order",
         e.document_number AS document, e.currency, ${amountIn("net", period)} AS net, ${amountIn("tax", period)} AS tax,
         ${amountIn("gross", period)} AS gross, e.period, e.first_seen_at AS "firstSeenAt",
         e.age_day AS "businessDay", e.shop_id AS shop, e.owner_team AS "ownerTeam", e.assignee_id AS "assigneeId",
         u.name AS assignee, e.due, e.state, e.severity, e.ambiguous, e.explanation, e.waiting_on AS "waitingOn",
         e.version`;

/** One page of the list. Ties are broken by id, so pages neither repeat nor skip. */
export async function listExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Promise<readonly ExceptionRow[]> {
  const { sql, params } = selectionOf(scope, query);
  const { rows } = await appPool().query<ExceptionRow>(
    `${sql} LIMIT ${PAGE_SIZE} OFFSET $${params.length + 1}`,
    [...params, (query.page - 1) * PAGE_SIZE],
  );
  return rows;
}

/** All that the filter means, in the order of its sort: as a statement, for the list and for exports. */
export function selectionOf(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Readonly<{ sql: string; params: readonly unknown[] }> {
  const { sql, params } = conditionOf(scope, query);
  return {
    sql: `SELECT ${columnsOf(query.period)}
       FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id
      WHERE ${sql} ORDER BY ${orderOf(query)}`,
    params,
  };
}

function orderOf({ sort, period }: Pick<ExceptionQuery, "sort" | "period">): string {
  const name = sort.replace(/^-/, "") as ExceptionSort;
  const gross = amountIn("gross", period);
  const column = name === "gross" ? gross : name === "value" ? `abs(${gross})` : sortColumns[name];
  // An age grows as the day lies further back.
  const direction = sort.startsWith("-") === (name === "age") ? "ASC" : "DESC";
  const nulls = MAY_BE_NULL.has(name) ? " NULLS LAST" : "";
  // The ids run as the column does, so that one index serves both directions.
  const second = name === "due" ? `abs(${gross}) DESC, e.id` : `e.id ${direction}`;
  return `${column} ${direction}${nulls}, ${second}`;
}

/** Count and sums of everything the filter means, not only of the page. */
export async function totalExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Promise<readonly ExceptionTotal[]> {
  const { sql, params } = conditionOf(scope, query);
  const { rows } = await appPool().query<ExceptionTotal>(
    `SELECT e.currency, ${sumsIn(query.period)} FROM exception e WHERE ${sql}
      GROUP BY e.currency ORDER BY e.currency`,
    [...params],
  );
  return rows;
}

const sumsIn = (period: string | undefined): string =>
  `count(*)::int AS count, ${(["net", "tax", "gross"] as const)
    .map((amount) => `coalesce(sum(${amountIn(amount, period)}), 0)::bigint AS ${amount}`)
    .join(", ")}`;

/** A group of the queue: what its rows have in common, and their count and sums per currency. */
export type ExceptionGroupRow = Readonly<{ key: string; totals: readonly ExceptionTotal[] }>;

/** The groups of all that the filter means: those with most exceptions first, ages from the youngest on. */
export async function groupExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
  group: ExceptionGroup,
): Promise<readonly ExceptionGroupRow[]> {
  const { sql, params } = conditionOf(scope, query);
  const today = `$${params.length + 1}::date`;
  const { rows } = await appPool().query<ExceptionTotal & { key: string }>(
    `SELECT ${keyOf(group, today)} AS key, e.currency, ${sumsIn(query.period)} FROM exception e
      WHERE ${sql} AND (${today} IS NULL OR true) GROUP BY 1, 2 ORDER BY 2`,
    [...params, scope.today],
  );
  const groups = new Map<string, ExceptionTotal[]>();
  for (const { key, ...total } of rows) groups.set(key, [...(groups.get(key) ?? []), total]);
  const size = (totals: readonly ExceptionTotal[]) => totals.reduce((sum, { count }) => sum + count, 0);
  const place = (key: string) => ageBuckets.findIndex((bucket) => bucket.key === key);
  return [...groups]
    .map(([key, totals]) => ({ key, totals }))
    .sort((a, b) =>
      group === "age"
        ? place(a.key) - place(b.key)
        : size(b.totals) - size(a.totals) || (a.key < b.key ? -1 : 1),
    );
}

function keyOf(group: ExceptionGroup, today: string): string {
  if (group === "cause") return "e.cause";
  if (group === "owner") return "e.owner_team";
  if (group === "shop") return `coalesce(e.shop_id, '${NO_SHOP}')`;
  const cases = ageBuckets.map(({ key, to }) =>
    to === null ? `ELSE '${key}'` : `WHEN e.age_day >= ${today} - ${to} THEN '${key}'`,
  );
  return `CASE ${cases.join(" ")} END`;
}

export type ExceptionViews = Readonly<
  Record<"open" | "mine" | "team" | "unassigned" | "overdue" | "fresh" | "explained" | "resolved", number>
>;

/** How many exceptions each view of the rail holds, within the entity and period asked for. */
export async function countViews(
  scope: ExceptionScope,
  query: Pick<ExceptionQuery, "entity" | "period">,
): Promise<ExceptionViews> {
  const { entity, period } = query;
  // A view begins anew: what the list is filtered by beside entity and month doesn't narrow it.
  const all = conditionOf(scope, { ...ExceptionQuery.parse({}), entity, period, state: "all" });
  const own = all.params.length;
  const open = `e.state = ANY($${own + 1})`;
  const me = `$${own + 2}::uuid`;
  const today = `$${own + 3}::date`;
  const { rows } = await appPool().query<ExceptionViews>(
    `SELECT count(*) FILTER (WHERE ${open})::int AS open,
       count(*) FILTER (WHERE ${open} AND e.assignee_id = ${me})::int AS mine,
       count(*) FILTER (WHERE ${open} AND e.owner_team = ANY (
         ARRAY(SELECT m.team_id FROM team_member m WHERE m.user_id = ${me})))::int AS team,
       count(*) FILTER (WHERE ${open} AND e.assignee_id IS NULL)::int AS unassigned,
       count(*) FILTER (WHERE ${open} AND e.due < ${today})::int AS overdue,
       count(*) FILTER (WHERE ${open} AND ${sinceYesterday(today, `$${own + 4}`)})::int AS fresh,
       count(*) FILTER (WHERE e.state = 'explained')::int AS explained,
       count(*) FILTER (WHERE e.state IN ('resolved', 'accepted'))::int AS resolved
     FROM exception e WHERE ${all.sql}`,
    [...all.params, [...openStates], scope.actorId, scope.today, noYesterday(scope.today)],
  );
  const [views] = rows;
  if (!views) throw new Error("a count without groups has one row");
  return views;
}

export type ExceptionChoices = Readonly<{
  causes: readonly string[];
  owners: readonly string[];
  shops: readonly string[];
  periods: readonly Month[];
}>;

/** What the filters can be set to: only what occurs. */
export async function findChoices(
  scope: ExceptionScope,
  entity: string | undefined,
): Promise<ExceptionChoices> {
  const distinct = (column: string, order = "ASC") =>
    `ARRAY(SELECT DISTINCT ${column} FROM exception WHERE entity_id = ANY($1) AND ${column} IS NOT NULL ORDER BY 1 ${order})`;
  const { rows } = await appPool().query<ExceptionChoices>(
    `SELECT ${distinct("cause")} AS causes, ${distinct("owner_team")} AS owners, ${distinct("shop_id")} AS shops,
       ${distinct("period::text", "DESC")} AS periods`,
    [entitiesWithin(scope, entity)],
  );
  const [choices] = rows;
  if (!choices) throw new Error("a select without a table has one row");
  return choices;
}
