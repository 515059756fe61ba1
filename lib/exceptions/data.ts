import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { amountIn, conditionOf, type ExceptionScope, entitiesWithin } from "./filter";
import { openStates } from "./machine";
import { ExceptionQuery, type ExceptionSort } from "./schema";

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

const sortColumns: Readonly<Record<ExceptionSort, string>> = {
  cause: "cause",
  order: '"order"',
  document: "document",
  gross: "gross",
  age: '"firstSeenAt"',
  owner: '"ownerTeam"',
  assignee: "assignee",
  due: "due",
  state: "state",
};

/** One page of the list. Ties are broken by id, so pages neither repeat nor skip. */
export async function listExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Promise<readonly ExceptionRow[]> {
  const { sql, params } = conditionOf(scope, query);
  const { rows } = await appPool().query<ExceptionRow>(
    `SELECT * FROM (
       SELECT e.id, e.entity_id AS "entityId", e.order_key AS "orderKey", e.cause, e.order_reference AS "order",
         e.document_number AS document, e.currency, ${amountIn("net")} AS net, ${amountIn("tax")} AS tax,
         ${amountIn("gross")} AS gross, e.period, e.first_seen_at AS "firstSeenAt", e.owner_team AS "ownerTeam",
         e.assignee_id AS "assigneeId", u.name AS assignee, e.due, e.state, e.severity, e.ambiguous, e.explanation,
         e.waiting_on AS "waitingOn", e.version
       FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id WHERE ${sql}) listed
     ORDER BY ${orderOf(query.sort)} LIMIT ${PAGE_SIZE} OFFSET $${params.length + 1}`,
    [...params, (query.page - 1) * PAGE_SIZE],
  );
  return rows;
}

function orderOf(sort: ExceptionQuery["sort"]): string {
  const falling = sort.startsWith("-");
  const column = sortColumns[sort.replace(/^-/, "") as ExceptionSort];
  // An age grows as the first day lies further back.
  const direction = falling === sort.endsWith("age") ? "ASC" : "DESC";
  const second = sort.endsWith("due") ? "abs(gross) DESC, " : "";
  return `${column} ${direction} NULLS LAST, ${second}id`;
}

/** Count and sums of everything the filter means, not only of the page. */
export async function totalExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Promise<readonly ExceptionTotal[]> {
  const { sql, params } = conditionOf(scope, query);
  const { rows } = await appPool().query<ExceptionTotal>(
    `SELECT currency, count(*)::int AS count, sum(net)::bigint AS net, sum(tax)::bigint AS tax,
       sum(gross)::bigint AS gross
     FROM (SELECT e.currency, ${amountIn("net")} AS net, ${amountIn("tax")} AS tax, ${amountIn("gross")} AS gross
       FROM exception e WHERE ${sql}) listed
     GROUP BY currency ORDER BY currency`,
    [...params],
  );
  return rows;
}

export type ExceptionViews = Readonly<
  Record<
    "open" | "mine" | "unassigned" | "overdue" | "finance" | "operations" | "explained" | "resolved",
    number
  >
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
  const { rows } = await appPool().query<ExceptionViews>(
    `SELECT count(*) FILTER (WHERE ${open})::int AS open,
       count(*) FILTER (WHERE ${open} AND e.assignee_id = $${own + 2}::uuid)::int AS mine,
       count(*) FILTER (WHERE ${open} AND e.assignee_id IS NULL)::int AS unassigned,
       count(*) FILTER (WHERE ${open} AND e.due < $${own + 3}::date)::int AS overdue,
       count(*) FILTER (WHERE ${open} AND e.owner_team = 'finance')::int AS finance,
       count(*) FILTER (WHERE ${open} AND e.owner_team = 'operations')::int AS operations,
       count(*) FILTER (WHERE e.state = 'explained')::int AS explained,
       count(*) FILTER (WHERE e.state IN ('resolved', 'accepted'))::int AS resolved
     FROM exception e WHERE ${all.sql} AND ($1::text IS NULL OR true)`,
    [...all.params, [...openStates], scope.actorId, scope.today],
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
