import { addDays, type Day } from "@/lib/domain/day";
import { amountCondition } from "./amount-filter";
import { actStates, openStates } from "./machine";
import { ageBuckets, type ExceptionQuery, NO_CHANNEL, NO_SHOP } from "./schema";

/** Who asks and what they may see: the entities of the grants, never those of the address. */
export type ExceptionScope = Readonly<{ entityIds: readonly string[]; actorId: string; today: Day }>;

export type Condition = Readonly<{ sql: string; params: readonly unknown[] }>;

type Filter = Omit<ExceptionQuery, "sort" | "after" | "selected" | "group" | "expanded">;

// The sentence of the partial indexes: only as it stands here does the planner see that it is the same.
export const IS_OPEN = `e.state IN (${openStates.map((state) => `'${state}'`).join(", ")})`;

/** Somebody can act on it now. The planner sees that whatever is so is open, so that the same indexes serve. */
export const IS_TO_ACT = `e.state IN (${actStates.map((state) => `'${state}'`).join(", ")})`;

/**
 * The rows of `exception` (named e) that a filter means, as a condition with its parameters. Parameter 1 is always
 * the period (or null), which the amounts need too; parameter 2 is the scope. With "sums" e is `exception_cell`, whose
 * columns go by the same names: there every month is a row of its own.
 */
export function conditionOf(
  scope: ExceptionScope,
  filter: Filter,
  of: "rows" | "sums" | "rows of any month" = "rows",
): Condition {
  const entities = entitiesWithin(scope, filter.entity);
  const params: unknown[] = [filter.period ?? null, entities];
  // One entity as an equation, so that an index that begins with it gives the rows in its order.
  const parts = [
    entities.length === 1 ? "e.entity_id = ($2::text[])[1]" : "e.entity_id = ANY($2::text[])",
    // A parameter that nothing uses has no type.
    "($1::text IS NULL OR true)",
  ];
  const bind = (value: unknown) => `$${params.push(value)}`;

  if (filter.period && of !== "rows of any month")
    parts.push(of === "sums" ? "e.period = $1::text" : `(${inMonth(filter.period).join(" OR ")})`);
  if (filter.state === "act") parts.push(IS_TO_ACT);
  else if (filter.state === "open") parts.push(IS_OPEN);
  else if (filter.state !== "all") parts.push(`e.state = ${bind(filter.state)}`);
  if (filter.cause) parts.push(`e.cause = ${bind(filter.cause)}`);
  if (filter.owner) parts.push(`e.owner_team = ${bind(filter.owner)}`);
  if (filter.shop === NO_SHOP) parts.push("e.shop_id IS NULL");
  else if (filter.shop) parts.push(`e.shop_id = ${bind(filter.shop)}`);
  if (filter.channel === NO_CHANNEL) parts.push("e.channel IS NULL");
  else if (filter.channel) parts.push(`e.channel = ${bind(filter.channel)}`);
  if (filter.currency) parts.push(`e.currency = ${bind(filter.currency)}`);
  parts.push(...amountCondition(filter, extentIn(filter.period), entities.length === 1, bind));
  if (filter.team === "mine") {
    parts.push(
      `e.owner_team IN (SELECT m.team_id FROM team_member m WHERE m.user_id = ${bind(scope.actorId)}::uuid)`,
    );
  }
  if (filter.since === "yesterday")
    parts.push(sinceYesterday(bind(scope.today), bind(noYesterday(scope.today))));
  const bucket = ageBuckets.find(({ key }) => key === filter.age);
  if (bucket) {
    const today = `${bind(scope.today)}::date`;
    if (bucket.to !== null) parts.push(`e.age_day >= ${today} - ${bucket.to}`);
    // What is dated ahead is as young as can be.
    if (bucket.from > 0) parts.push(`e.age_day <= ${today} - ${bucket.from}`);
  }
  if (filter.assignee === "none") parts.push("e.assignee_id IS NULL");
  else if (filter.assignee) {
    parts.push(`e.assignee_id = ${bind(filter.assignee === "me" ? scope.actorId : filter.assignee)}::uuid`);
  }
  if (filter.rootCause) parts.push(`e.root_cause_id = ${bind(filter.rootCause)}::uuid`);
  if (filter.due === "overdue") parts.push(`e.due < ${bind(scope.today)}::date`);
  if (filter.due === "today") parts.push(`e.due = ${bind(scope.today)}::date`);
  if (filter.due === "week") {
    const [first, last] = weekOf(scope.today);
    parts.push(`e.due BETWEEN ${bind(first)}::date AND ${bind(last)}::date`);
  }
  if (filter.due === "escalated") parts.push("e.escalated_at IS NOT NULL");
  if (filter.dueFrom) parts.push(`e.due >= ${bind(filter.dueFrom)}::date`);
  if (filter.dueTo) parts.push(`e.due <= ${bind(filter.dueTo)}::date`);
  if (filter.mention === "me") {
    parts.push(`EXISTS (SELECT FROM exception_mention m
      WHERE m.order_key = e.order_key AND m.exception_id = e.id AND m.user_id = ${bind(scope.actorId)}::uuid)`);
  }
  if (filter.approval === "asked") {
    parts.push(`EXISTS (SELECT FROM acceptance_request r
      WHERE r.order_key = e.order_key AND r.exception_id = e.id AND r.state = 'asked')`);
  }
  for (const word of filter.q?.split(/\s+/) ?? []) {
    parts.push(`e.words ILIKE ${bind(`%${word.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`)}`);
  }
  return { sql: parts.join(" AND "), params };
}

/**
 * What is of a month (parameter 1) and of no other, or is worth something in several, as two conditions that exclude each
 * other. The first are nearly all of them, and what they are worth in the month is what they are worth: an index gives them in
 * order. The others are few.
 */
export function inMonth(period: string): readonly [string, string] {
  // Only months as the schema has them come here: nothing in them needs escaping.
  const there = `e.amounts @> '[{"period": "${period.replace(/[^0-9-]/g, "")}"}]'::jsonb`;
  return [`(e.period = $1::bpchar AND NOT e.across)`, `(e.across AND (e.period = $1::bpchar OR ${there}))`];
}

/** Monday and Sunday of the week that a day is in. */
export function weekOf(day: Day): readonly [Day, Day] {
  const sinceMonday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const monday = addDays(day, -sinceMonday);
  return [monday, addDays(monday, 6)];
}

/** No yesterday of any zone on earth begins before this moment. */
export const noYesterday = (today: Day): string => `${addDays(today, -2)}T00:00:00Z`;

/**
 * What was found since yesterday began where its entity is. `never` is `noYesterday`: a plain moment, which an index knows
 * and which spares the look at the zone.
 */
export const sinceYesterday = (today: string, never: string): string =>
  `(e.first_seen_at >= ${never}::timestamptz AND e.first_seen_at >= (${today}::date - 1)::timestamp AT TIME ZONE
      (SELECT n.time_zone FROM entity n WHERE n.id = e.entity_id))`;

/** The entities a question is about: the one asked for if it is within the scope, else the whole scope, else none. */
export function entitiesWithin(
  scope: Pick<ExceptionScope, "entityIds">,
  asked: string | undefined,
): string[] {
  if (asked === undefined) return [...scope.entityIds];
  return scope.entityIds.filter((entityId) => entityId === asked);
}

/**
 * The amount of an exception in the period asked for (parameter 1), or as a whole without one; in minor units. Each exception says its amounts per period, so a sum over a period agrees with that period's bridge.
 */
export const amountIn = (amount: "net" | "tax" | "gross", period: string | undefined): string =>
  period === undefined
    ? `e.${amount}`
    : `CASE WHEN NOT e.across OR jsonb_array_length(e.amounts) = 0 THEN e.${amount}
    ELSE coalesce((SELECT sum((part ->> '${amount}')::bigint)::bigint FROM jsonb_array_elements(e.amounts) part
      WHERE part ->> 'period' = $1::text AND coalesce(part ->> 'currency', e.currency) = e.currency), 0) END`;

/** How much money it is about, in the period asked for or as a whole: the largest of its amounts, whatever its sign. */
export const extentIn = (period: string | undefined): string =>
  period === undefined
    ? "e.extent"
    : `CASE WHEN NOT e.across OR jsonb_array_length(e.amounts) = 0 THEN e.extent
    ELSE greatest(abs(${amountIn("net", period)}), abs(${amountIn("tax", period)}), abs(${amountIn("gross", period)})) END`;
