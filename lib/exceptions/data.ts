import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { type Cube, cubeOf } from "./cubes";
import { amountIn, conditionOf, type ExceptionScope, entitiesWithin, IS_OPEN, inMonth } from "./filter";
import { exceptionStates, openStates } from "./machine";
import { orderOf, orderSql, type PlacedRow, placeOf, placeText, stepsAfter } from "./order";
import { ageBuckets, type ExceptionGroup, ExceptionQuery, NO_SHOP } from "./schema";

const endedStates = exceptionStates.filter((state) => !openStates.some((open) => open === state));

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

const columnsOf = (period: string | undefined): string =>
  `e.id, e.entity_id AS "entityId", e.order_key AS "orderKey", e.cause, e.order_reference AS "order",
         e.document_number AS document, e.currency, ${amountIn("net", period)} AS net, ${amountIn("tax", period)} AS tax,
         ${amountIn("gross", period)} AS gross, e.period, e.first_seen_at AS "firstSeenAt",
         e.age_day AS "businessDay", e.shop_id AS shop, e.owner_team AS "ownerTeam", e.assignee_id AS "assigneeId",
         u.name AS assignee, e.due, e.state, e.severity, e.ambiguous, e.explanation, e.waiting_on AS "waitingOn",
         e.version`;

/** A page of the list, and the place from which the next one goes on; null at the end. */
export type ExceptionPage = Readonly<{ rows: readonly ExceptionRow[]; next: string | null }>;

/**
 * The rows that follow the query's place, at most a page of them. Ties are broken by id, so pages neither repeat nor skip, and
 * what comes or goes before the place moves nothing after it.
 */
export async function listExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
  size = PAGE_SIZE,
): Promise<ExceptionPage> {
  const order = orderOf(query);
  const branches = branchesOf(query);
  const found: PlacedRow[] = [];
  const { sql, params } = conditionOf(scope, query, "rows of any month");
  for (const step of stepsAfter(order, placeOf(order, query.after), params.length + 1)) {
    // Each branch has an index of its own that gives its rows in order: each gives a page, the first of all are the page.
    const people = order.keys.some((key) => key.sql.startsWith("u."))
      ? 'LEFT JOIN "user" u ON u.id = e.assignee_id'
      : "";
    const parts = branches.map(({ which, few }) => {
      const from = few ? `(SELECT * FROM exception e WHERE ${sql} AND ${which} OFFSET 0) e` : "exception e";
      return `(SELECT e.order_key, e.id, ${order.keys.map((key, at) => `${key.sql} AS k${at}`).join(", ")}
         FROM ${from} ${people} WHERE ${few ? step.sql : `${sql} AND ${which} AND ${step.sql}`}
        ORDER BY ${orderSql(order)} LIMIT ${size + 1 - found.length})`;
    });
    const places = order.keys.map((_, at) => `k${at} ${order.direction}`).join(", ");
    const { rows } = await appPool().query<PlacedRow>(
      `SELECT ${columnsOf(query.period)}, ARRAY[${order.keys.map((_, at) => `p.k${at}::text`).join(", ")}] AS place
         FROM (SELECT * FROM (${parts.join(" UNION ALL ")}) parts ORDER BY ${places} LIMIT ${size + 1 - found.length}) p
         JOIN exception e ON e.order_key = p.order_key AND e.id = p.id LEFT JOIN "user" u ON u.id = e.assignee_id
        ORDER BY ${order.keys.map((_, at) => `p.k${at} ${order.direction}`).join(", ")}`,
      [...params, ...step.params],
    );
    found.push(...rows);
    if (found.length > size) break;
  }
  const page = found.slice(0, size);
  const last = found.length > size ? page.at(-1) : undefined;
  return { rows: page.map(({ place: _, ...row }) => row), next: last ? placeText(last.place) : null };
}

/**
 * Conditions that exclude each other and together mean the filter's month and states, each with an index in order. Of `few` rows
 * all are read and then sorted: the database would go through the whole order in search of them.
 */
function branchesOf({
  period,
  state,
  since,
}: ExceptionQuery): readonly Readonly<{ which: string; few: boolean }>[] {
  const [own, other] = period === undefined ? ["true"] : inMonth(period);
  const few = since !== undefined;
  const months = [{ which: own, few }, ...(other === undefined ? [] : [{ which: other, few: true }])];
  const states = state === "all" ? [IS_OPEN, ...endedStates.map((one) => `e.state = '${one}'`)] : ["true"];
  return months.flatMap((month) => states.map((one) => ({ ...month, which: `${month.which} AND ${one}` })));
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
      WHERE ${sql} ORDER BY ${orderSql(orderOf(query))}`,
    params,
  };
}

/** Count and sums of everything the filter means, not only of the page. */
export async function totalExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Promise<readonly ExceptionTotal[]> {
  const cube = cubeOf(query);
  const { sql, params } = conditionOf(scope, query, cube ? "sums" : "rows");
  const { rows } = await appPool().query<ExceptionTotal>(
    `SELECT e.currency, ${sumsOf(cube, query.period)} FROM ${cube ? "exception_cell" : "exception"} e
      WHERE ${sql} ${cube ? `AND e.cube = '${cube}'` : ""} GROUP BY e.currency ${cube ? "HAVING sum(e.count) <> 0" : ""}
      ORDER BY e.currency`,
    [...params],
  );
  return rows;
}

/** Count and sums, of sums that are kept or of the exceptions themselves. */
const sumsOf = (cube: Cube | null, period: string | undefined): string =>
  cube
    ? `sum(e.count)::int AS count, ${amounts.map((amount) => `sum(e.${amount})::bigint AS ${amount}`).join(", ")}`
    : `count(*)::int AS count, ${amounts
        .map((amount) => `coalesce(sum(${amountIn(amount, period)}), 0)::bigint AS ${amount}`)
        .join(", ")}`;

const amounts = ["net", "tax", "gross"] as const;

/** A group of the queue: what its rows have in common, and their count and sums per currency. */
export type ExceptionGroupRow = Readonly<{ key: string; totals: readonly ExceptionTotal[] }>;

/** The groups of all that the filter means: those with most exceptions first, ages from the youngest on. */
export async function groupExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
  group: ExceptionGroup,
): Promise<readonly ExceptionGroupRow[]> {
  const cube = cubeOf(query, group);
  const { sql, params } = conditionOf(scope, query, cube ? "sums" : "rows");
  const today = `$${params.length + 1}::date`;
  const { rows } = await appPool().query<ExceptionTotal & { key: string }>(
    `SELECT ${keyOf(group, today)} AS key, e.currency, ${sumsOf(cube, query.period)}
       FROM ${cube ? "exception_cell" : "exception"} e
      WHERE ${sql} ${cube ? `AND e.cube = '${cube}'` : ""} AND (${today} IS NULL OR true)
      GROUP BY 1, 2 ${cube ? "HAVING sum(e.count) <> 0" : ""} ORDER BY 2`,
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
  if (group === "rootCause") return "e.root_cause_id::text";
  if (group === "shop") return `coalesce(e.shop_id, '${NO_SHOP}')`;
  const cases = ageBuckets.map(({ key, to }) =>
    to === null ? `ELSE '${key}'` : `WHEN e.age_day >= ${today} - ${to} THEN '${key}'`,
  );
  return `CASE ${cases.join(" ")} END`;
}

export type ExceptionViews = Readonly<
  Record<
    | "open"
    | "mine"
    | "team"
    | "unassigned"
    | "overdue"
    | "fresh"
    | "asked"
    | "mentions"
    | "explained"
    | "accepted"
    | "resolved",
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
  const begin = { ...ExceptionQuery.parse({}), entity, period };
  const all = conditionOf(scope, { ...begin, state: "all" }, "sums");
  const own = all.params.length;
  const me = `$${own + 1}::uuid`;
  const counted = (name: string, which: string) =>
    `coalesce(sum(e.count) FILTER (WHERE ${which}), 0)::int AS ${name}`;
  const [people, overdue, fresh, asked, mentions] = await Promise.all([
    appPool().query<Omit<ExceptionViews, "overdue" | "fresh" | "asked" | "mentions">>(
      `SELECT ${[
        counted("open", IS_OPEN),
        counted("mine", `${IS_OPEN} AND e.assignee_id = ${me}`),
        counted(
          "team",
          `${IS_OPEN} AND e.owner_team = ANY (
         ARRAY(SELECT m.team_id FROM team_member m WHERE m.user_id = ${me}))`,
        ),
        counted("unassigned", `${IS_OPEN} AND e.assignee_id IS NULL`),
        counted("explained", "e.state = 'explained'"),
        counted("accepted", "e.state = 'accepted'"),
        counted("resolved", "e.state = 'resolved'"),
      ].join(", ")}
     FROM exception_cell e WHERE ${all.sql} AND e.cube = '${period === undefined ? "people" : "months"}'`,
      [...all.params, scope.actorId],
    ),
    totalExceptions(scope, { ...begin, due: "overdue" }),
    totalExceptions(scope, { ...begin, since: "yesterday" }),
    totalExceptions(scope, { ...begin, approval: "asked" }),
    totalExceptions(scope, { ...begin, mention: "me" }),
  ]);
  const [views] = people.rows;
  if (!views) throw new Error("a count without groups has one row");
  const countOf = (totals: readonly ExceptionTotal[]) => totals.reduce((sum, { count }) => sum + count, 0);
  return {
    ...views,
    overdue: countOf(overdue),
    fresh: countOf(fresh),
    asked: countOf(asked),
    mentions: countOf(mentions),
  };
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
  const distinct = (column: string, cube: Cube, order = "ASC") =>
    `ARRAY(SELECT ${column} FROM exception_cell WHERE entity_id = ANY($1) AND cube = '${cube}' AND ${column} IS NOT NULL
            GROUP BY 1 HAVING sum(count) <> 0 ORDER BY 1 ${order})`;
  const { rows } = await appPool().query<ExceptionChoices>(
    `SELECT ${distinct("cause", "people")} AS causes, ${distinct("owner_team", "people")} AS owners,
       ${distinct("shop_id", "people")} AS shops, ${distinct("period", "months", "DESC")} AS periods`,
    [entitiesWithin(scope, entity)],
  );
  const [choices] = rows;
  if (!choices) throw new Error("a select without a table has one row");
  return choices;
}

/** Cause and signature of root causes, by id. */
export async function findSignatures(
  entityId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<{ cause: string; signature: string }>>> {
  if (ids.length === 0) return new Map();
  const { rows } = await appPool().query<{ id: string; cause: string; signature: string }>(
    "SELECT id, cause, signature FROM root_cause WHERE entity_id = $1 AND id = ANY ($2::uuid[])",
    [entityId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
