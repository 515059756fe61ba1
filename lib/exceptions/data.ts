import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { type Cube, cubeOf } from "./cubes";
import {
  amountIn,
  conditionOf,
  type ExceptionScope,
  entitiesWithin,
  extentIn,
  IS_OPEN,
  IS_TO_ACT,
  inMonth,
} from "./filter";
import { leftOutOf } from "./left-out";
import { exceptionStates, openStates } from "./machine";
import { orderOf, orderSql, type PlacedRow, placeOf, placeText, stepsAfter } from "./order";
import {
  ageBuckets,
  countOf,
  type ExceptionGroup,
  ExceptionQuery,
  type ExceptionTotal,
  NO_SHOP,
  type TotalsSoFar,
} from "./schema";

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
  /** what it is about, where that is no order */
  about: string | null;
  /** what it comes to, where that is no amount */
  matter: string | null;
  /** how much money it is about, of what stands beside the books; null: unknown, or its amounts say it */
  worth: Minor | null;
  currency: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
  /** how much money it is about: the largest of the three, whatever its sign */
  extent: Minor;
  period: Month;
  firstSeenAt: Date;
  /** its business date, else the day on which it was found */
  businessDay: Day;
  shop: string | null;
  /** what people call the shop */
  shopName: string | null;
  channel: string | null;
  ownerTeam: string;
  /** what people call the team */
  owner: string;
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

const columnsOf = (period: string | undefined): string =>
  `e.id, e.entity_id AS "entityId", e.order_key AS "orderKey", e.cause, e.order_reference AS "order",
         e.document_number AS document, e.about, e.matter,
         CASE WHEN e.matter IS NOT NULL AND e.evidence ->> 'worth' ~ '^[0-9]{1,18}$' THEN (e.evidence ->> 'worth')::bigint END AS worth,
         e.currency, ${amountIn("net", period)} AS net, ${amountIn("tax", period)} AS tax,
         ${amountIn("gross", period)} AS gross, ${extentIn(period)} AS extent, e.period, e.first_seen_at AS "firstSeenAt",
         e.age_day AS "businessDay", e.shop_id AS shop, coalesce(s.name, e.shop_id) AS "shopName", e.channel,
         e.owner_team AS "ownerTeam", coalesce(t.name, e.owner_team) AS owner, e.assignee_id AS "assigneeId",
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
  given: ExceptionQuery,
  size = PAGE_SIZE,
): Promise<ExceptionPage> {
  const query = await withCurrency(scope, given);
  const order = orderOf(query);
  const branches = branchesOf(query);
  const found: PlacedRow[] = [];
  const { sql, params } = conditionOf(scope, query, "rows of any month");
  // The same parameters, but that what is of one month alone is worth there what it is worth.
  const plain = conditionOf(scope, { ...query, period: undefined }, "rows of any month");
  const place = placeOf(order, query.after);
  const steps = stepsAfter(order, place, params.length + 1);
  for (const [at, step] of steps.entries()) {
    // Each branch has an index of its own that gives its rows in order: each gives a page, the first of all are the page.
    const people = order.keys.some((key) => key.sql.startsWith("u."))
      ? 'LEFT JOIN "user" u ON u.id = e.assignee_id'
      : "";
    const parts = branches.map(({ which, few, whole }) => {
      const its = whole ? orderOf({ ...query, period: undefined }) : order;
      const condition = whole ? plain.sql : sql;
      const after = stepsAfter(its, place, params.length + 1)[at]?.sql ?? step.sql;
      const from = few
        ? `(SELECT * FROM exception e WHERE ${condition} AND ${which} OFFSET 0) e`
        : "exception e";
      return `(SELECT e.order_key, e.id, ${its.keys.map((key, k) => `${key.sql} AS k${k}`).join(", ")}
         FROM ${from} ${people} WHERE ${few ? after : `${condition} AND ${which} AND ${after}`}
        ORDER BY ${orderSql(its)} LIMIT ${size + 1 - found.length})`;
    });
    const places = order.keys.map((_, k) => `k${k} ${order.direction}`).join(", ");
    const { rows } = await appPool().query<PlacedRow>(
      `SELECT ${columnsOf(query.period)}, ARRAY[${order.keys.map((_, k) => `p.k${k}::text`).join(", ")}] AS place
         FROM (SELECT * FROM (${parts.join(" UNION ALL ")}) parts ORDER BY ${places} LIMIT ${size + 1 - found.length}) p
         JOIN exception e ON e.order_key = p.order_key AND e.id = p.id ${NAMES}
        ORDER BY ${order.keys.map((_, k) => `p.k${k} ${order.direction}`).join(", ")}`,
      [...params, ...step.params],
    );
    found.push(...rows);
    if (found.length > size) break;
  }
  const page = found.slice(0, size);
  const last = found.length > size ? page.at(-1) : undefined;
  return { rows: page.map(({ place: _, ...row }) => row), next: last ? placeText(last.place) : null };
}

/** Where people's names of whom and what a row names are. */
const NAMES =
  'LEFT JOIN "user" u ON u.id = e.assignee_id LEFT JOIN shop s ON s.id = e.shop_id LEFT JOIN team t ON t.id = e.owner_team';

/**
 * The filter with the currency that its amounts are in, where it names none: that of the entity. So the database knows how many
 * rows an amount leaves before it decides how to look for them.
 */
async function withCurrency(scope: ExceptionScope, query: ExceptionQuery): Promise<ExceptionQuery> {
  if (query.currency !== undefined || (query.amountFrom === undefined && query.amountTo === undefined))
    return query;
  const [entity, ...others] = entitiesWithin(scope, query.entity);
  if (entity === undefined || others.length > 0) return query;
  const { rows } = await appPool().query<{ currency: string }>("SELECT currency FROM entity WHERE id = $1", [
    entity,
  ]);
  return { ...query, currency: rows[0]?.currency };
}

type Branch = Readonly<{
  which: string;
  /** all are read and then sorted: the database would go through the whole order in search of them */
  few: boolean;
  /** what its rows are worth in the month that is asked for is what they are worth */
  whole: boolean;
}>;

/** Conditions that exclude each other and together mean the filter's month and states, each with an index in order. */
function branchesOf({ period, state, since }: ExceptionQuery): readonly Branch[] {
  const [own, other] = period === undefined ? ["true"] : inMonth(period);
  const few = since !== undefined;
  const months = [
    { which: own, few, whole: true },
    ...(other === undefined ? [] : [{ which: other, few: true, whole: false }]),
  ];
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
       FROM exception e ${NAMES}
      WHERE ${sql} ORDER BY ${orderSql(orderOf(query))}`,
    params,
  };
}

/** Count and sums of everything the filter means, not only of the page. */
export async function totalExceptions(
  scope: ExceptionScope,
  query: ExceptionQuery,
): Promise<readonly ExceptionTotal[]> {
  return (await totalsWithin(scope, query, null)).totals;
}

/**
 * The same at once: where no sums are kept and more than `most` exceptions are meant, only so many are counted, and it says that
 * these are not all.
 */
export async function totalsWithin(
  scope: ExceptionScope,
  given: ExceptionQuery,
  most: number | null,
): Promise<TotalsSoFar> {
  const query = await withCurrency(scope, given);
  const cube = cubeOf(query);
  const { sql, params } = conditionOf(scope, query, cube ? "sums" : "rows");
  const { rows } = await appPool().query<ExceptionTotal>(
    cube
      ? `SELECT e.currency, ${SUMS_KEPT} FROM exception_cell e
          WHERE ${sql} AND e.cube = '${cube}' GROUP BY e.currency HAVING sum(e.count) <> 0 ORDER BY e.currency`
      : `SELECT e.currency, ${SUMS} FROM (SELECT * FROM (${worthsOf(scope, query, "NULL")}) w
          ${most === null ? "" : `LIMIT ${most + 1}`}) e GROUP BY e.currency ORDER BY e.currency`,
    [...params],
  );
  return { totals: rows, isWhole: cube !== null || most === null || countOf(rows) <= most };
}

const amounts = ["net", "tax", "gross"] as const;
const SUMMED = [...amounts, "extent"];

/** Count and sums, of sums that are kept and of the exceptions themselves. */
const SUMS_KEPT = `sum(e.count)::int AS count, ${SUMMED.map((one) => `sum(e.${one})::bigint AS ${one}`).join(", ")}`;
const SUMS = `count(*)::int AS count, ${SUMMED.map((one) => `coalesce(sum(e.${one}), 0)::bigint AS ${one}`).join(", ")}`;

/**
 * The exceptions that a filter means with their currency and what they are worth, in the filter's month if it names one; and `key`
 * of each. What is of that month alone is read apart: all that is asked of it stands in an index.
 */
function worthsOf(scope: ExceptionScope, query: ExceptionQuery, key: string): string {
  const { period } = query;
  const select = (of: string | undefined, which: string, condition: string) =>
    `SELECT ${key} AS key, e.currency, ${amounts.map((one) => `${amountIn(one, of)} AS ${one}`).join(", ")}, ${extentIn(of)} AS extent
       FROM exception e WHERE ${condition} AND ${which}`;
  const plain = conditionOf(scope, { ...query, period: undefined }, "rows of any month").sql;
  if (period === undefined) return select(undefined, "true", plain);
  const [own, others] = inMonth(period);
  const across = conditionOf(scope, query, "rows of any month").sql;
  return `${select(undefined, own, plain)} UNION ALL ${select(period, others, across)}`;
}

/** A group of the queue: what its rows have in common, and their count and sums per currency. */
export type ExceptionGroupRow = Readonly<{ key: string; totals: readonly ExceptionTotal[] }>;

/** The groups of all that the filter means: those with most exceptions first, ages from the youngest on. */
export async function groupExceptions(
  scope: ExceptionScope,
  given: ExceptionQuery,
  group: ExceptionGroup,
): Promise<readonly ExceptionGroupRow[]> {
  const query = await withCurrency(scope, given);
  const cube = cubeOf(query, group);
  const rows = cube
    ? await groupsKept(scope, query, group, cube)
    : ((await groupsWithoutFew(scope, query, group)) ?? (await groupsCounted(scope, query, group)));
  const groups = new Map<string, ExceptionTotal[]>();
  for (const { key, ...total } of rows) groups.set(key, [...(groups.get(key) ?? []), total]);
  const place = (key: string) => ageBuckets.findIndex((bucket) => bucket.key === key);
  return [...groups]
    .map(([key, totals]) => ({ key, totals }))
    .sort((a, b) =>
      group === "age"
        ? place(a.key) - place(b.key)
        : countOf(b.totals) - countOf(a.totals) || (a.key < b.key ? -1 : 1),
    );
}

type GroupPart = ExceptionTotal & { key: string };

async function groupsKept(
  scope: ExceptionScope,
  query: ExceptionQuery,
  group: ExceptionGroup,
  cube: Cube,
): Promise<readonly GroupPart[]> {
  const { sql, params } = conditionOf(scope, query, "sums");
  const today = `$${params.length + 1}::date`;
  const { rows } = await appPool().query<GroupPart>(
    `SELECT ${keyOf(group, today)} AS key, e.currency, ${SUMS_KEPT} FROM exception_cell e
      WHERE ${sql} AND e.cube = '${cube}' AND (${today} IS NULL OR true)
      GROUP BY 1, 2 HAVING sum(e.count) <> 0 ORDER BY 2`,
    [...params, scope.today],
  );
  return rows;
}

async function groupsCounted(
  scope: ExceptionScope,
  query: ExceptionQuery,
  group: ExceptionGroup,
): Promise<readonly GroupPart[]> {
  const { params } = conditionOf(scope, query);
  const today = `$${params.length + 1}::date`;
  const { rows } = await appPool().query<GroupPart>(
    `SELECT e.key, e.currency, ${SUMS} FROM (${worthsOf(scope, query, keyOf(group, today))}) e
      WHERE (${today} IS NULL OR true) GROUP BY 1, 2 ORDER BY 2`,
    [...params, scope.today],
  );
  return rows;
}

/**
 * The groups as the sums that are kept of a wider filter, less what one bound leaves out of it; null where no sums are kept of
 * that, or more is left out than is meant. In one statement, so that both are of one moment.
 */
async function groupsWithoutFew(
  scope: ExceptionScope,
  query: ExceptionQuery,
  group: ExceptionGroup,
): Promise<readonly GroupPart[] | null> {
  const leftOut = leftOutOf(query, scope.today);
  const cube = leftOut && cubeOf(leftOut.rest, group);
  if (!leftOut || !cube) return null;
  const kept = conditionOf(scope, leftOut.rest, "sums").sql;
  // The same parameters in the same places: sums and rows differ in months alone, and none is asked for.
  const { sql, params } = conditionOf(scope, leftOut.rest);
  const values: unknown[] = [...params, scope.today];
  const today = `$${values.length}::date`;
  const conditions = leftOut.conditions((value) => `$${values.push(value)}`);
  const few = conditions.map(
    (one) => `FROM exception e WHERE ${sql} AND ${one} AND (${today} IS NULL OR true)`,
  );
  const meant = conditionOf(scope, query);
  const [out, all] = await Promise.all([
    guessRows(few.map((one) => `SELECT 1 ${one}`).join(" UNION ALL "), values),
    guessRows(`SELECT FROM exception e WHERE ${meant.sql}`, meant.params),
  ]);
  if (out > all) return null;
  const columns = ["count", ...SUMMED];
  const { rows } = await appPool().query<GroupPart>(
    `SELECT e.key, e.currency, ${SUMS_KEPT} FROM (
       SELECT ${keyOf(group, today)} AS key, e.currency, ${columns.map((one) => `e.${one}`).join(", ")} FROM exception_cell e
        WHERE ${kept} AND e.cube = '${cube}'
       ${few
         .map(
           (one) =>
             `UNION ALL SELECT ${keyOf(group, today)}, e.currency, -1, ${SUMMED.map((sum) => `-e.${sum}`).join(", ")} ${one}`,
         )
         .join(" ")}) e
      GROUP BY 1, 2 HAVING sum(e.count) <> 0 ORDER BY 2`,
    values,
  );
  return rows;
}

/** How many rows the database expects of a statement, from its statistics; nothing is read. */
async function guessRows(sql: string, params: readonly unknown[]): Promise<number> {
  const { rows } = await appPool().query<{ "QUERY PLAN": readonly { Plan: { "Plan Rows": number } }[] }>(
    `EXPLAIN (FORMAT JSON) ${sql}`,
    [...params],
  );
  return rows[0]?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? Number.POSITIVE_INFINITY;
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
    | "act"
    | "mine"
    | "team"
    | "unassigned"
    | "overdue"
    | "fresh"
    | "asked"
    | "waiting"
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
        counted("act", IS_TO_ACT),
        counted("mine", `${IS_TO_ACT} AND e.assignee_id = ${me}`),
        counted(
          "team",
          `${IS_TO_ACT} AND e.owner_team = ANY (
         ARRAY(SELECT m.team_id FROM team_member m WHERE m.user_id = ${me}))`,
        ),
        counted("unassigned", `${IS_TO_ACT} AND e.assignee_id IS NULL`),
        counted("waiting", "e.state = 'waiting'"),
        counted("explained", "e.state = 'explained'"),
        counted("accepted", "e.state = 'accepted'"),
        counted("resolved", "e.state = 'resolved'"),
      ].join(", ")}
     FROM exception_cell e WHERE ${all.sql} AND e.cube = '${period === undefined ? "people" : "months"}'`,
      [...all.params, scope.actorId],
    ),
    totalExceptions(scope, { ...begin, due: "overdue" }),
    totalExceptions(scope, { ...begin, since: "yesterday" }),
    // Whoever is asked has to answer, whether it waits or not.
    totalExceptions(scope, { ...begin, state: "open", approval: "asked" }),
    totalExceptions(scope, { ...begin, state: "open", mention: "me" }),
  ]);
  const [views] = people.rows;
  if (!views) throw new Error("a count without groups has one row");
  return {
    ...views,
    overdue: countOf(overdue),
    fresh: countOf(fresh),
    asked: countOf(asked),
    mentions: countOf(mentions),
  };
}

/** A thing by its id, as people call it. */
export type Named = Readonly<{ id: string; name: string }>;

export type ExceptionChoices = Readonly<{
  causes: readonly string[];
  owners: readonly Named[];
  shops: readonly Named[];
  channels: readonly string[];
  currencies: readonly string[];
  /** with the most exceptions first, not all of them */
  rootCauses: readonly Readonly<{ id: string; cause: string; signature: string }>[];
  periods: readonly Month[];
}>;

/** So many root causes can be chosen from a list; the others from their own page. */
const ROOT_CAUSES = 50;

/** What the filters can be set to: only what occurs. */
export async function findChoices(
  scope: ExceptionScope,
  entity: string | undefined,
): Promise<ExceptionChoices> {
  const distinct = (column: string, cube: Cube, order = "ASC") =>
    `ARRAY(SELECT ${column} FROM exception_cell WHERE entity_id = ANY($1) AND cube = '${cube}' AND ${column} IS NOT NULL
            GROUP BY 1 HAVING sum(count) <> 0 ORDER BY 1 ${order})`;
  const { rows } = await appPool().query<ExceptionChoices>(
    `SELECT ${distinct("cause", "people")} AS causes,
       (SELECT coalesce(json_agg(json_build_object('id', one.id, 'name', coalesce(t.name, one.id)) ORDER BY t.name), '[]')
          FROM unnest(${distinct("owner_team", "people")}) AS one(id) LEFT JOIN team t ON t.id = one.id) AS owners,
       (SELECT coalesce(json_agg(json_build_object('id', one.id, 'name', coalesce(s.name, one.id)) ORDER BY s.name), '[]')
          FROM unnest(${distinct("shop_id", "people")}) AS one(id) LEFT JOIN shop s ON s.id = one.id) AS shops,
       ${distinct("channel", "people")} AS channels, ${distinct("currency", "people")}::text[] AS currencies,
       (SELECT coalesce(json_agg(one ORDER BY one.open_count DESC, one.id), '[]')
          FROM (SELECT id, cause, signature, open_count FROM root_cause WHERE entity_id = ANY($1) AND open_count > 0
                 ORDER BY open_count DESC, id LIMIT ${ROOT_CAUSES}) one) AS "rootCauses",
       ${distinct("period", "months", "DESC")} AS periods`,
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
