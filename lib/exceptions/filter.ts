import type { Day } from "@/lib/domain/day";
import { openStates } from "./machine";
import type { ExceptionQuery } from "./schema";

/** Who asks and what they may see: the entities of the grants, never those of the address. */
export type ExceptionScope = Readonly<{ entityIds: readonly string[]; actorId: string; today: Day }>;

export type Condition = Readonly<{ sql: string; params: readonly unknown[] }>;

type Filter = Omit<ExceptionQuery, "sort" | "page" | "selected">;

/**
 * The rows of `exception` (named e) that a filter means, as a condition with its parameters. Parameter 1 is always
 * the period (or null), which the amounts need too; parameter 2 is the scope.
 */
export function conditionOf(scope: ExceptionScope, filter: Filter): Condition {
  const params: unknown[] = [filter.period ?? null, entitiesWithin(scope, filter.entity)];
  const parts = ["e.entity_id = ANY($2)"];
  const bind = (value: unknown) => `$${params.push(value)}`;

  if (filter.period) {
    const inAmounts = bind(JSON.stringify([{ period: filter.period }]));
    parts.push(`(e.period = $1 OR e.amounts @> ${inAmounts}::jsonb)`);
  }
  if (filter.state === "open") parts.push(`e.state = ANY(${bind([...openStates])})`);
  else if (filter.state !== "all") parts.push(`e.state = ${bind(filter.state)}`);
  if (filter.cause) parts.push(`e.cause = ${bind(filter.cause)}`);
  if (filter.owner) parts.push(`e.owner_team = ${bind(filter.owner)}`);
  if (filter.shop) parts.push(`e.shop_id = ${bind(filter.shop)}`);
  if (filter.assignee === "none") parts.push("e.assignee_id IS NULL");
  else if (filter.assignee) {
    parts.push(`e.assignee_id = ${bind(filter.assignee === "me" ? scope.actorId : filter.assignee)}::uuid`);
  }
  if (filter.rootCause) parts.push(`e.root_cause_id = ${bind(filter.rootCause)}::uuid`);
  if (filter.due === "overdue") parts.push(`e.due < ${bind(scope.today)}::date`);
  if (filter.due === "escalated") parts.push("e.escalated_at IS NOT NULL");
  if (filter.mention === "me") {
    parts.push(`EXISTS (SELECT FROM exception_mention m
      WHERE m.order_key = e.order_key AND m.exception_id = e.id AND m.user_id = ${bind(scope.actorId)}::uuid)`);
  }
  if (filter.approval === "asked") {
    parts.push(`EXISTS (SELECT FROM acceptance_request r
      WHERE r.order_key = e.order_key AND r.exception_id = e.id AND r.state = 'asked')`);
  }
  if (filter.q) {
    const like = bind(`%${filter.q.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
    parts.push(
      `(e.order_reference ILIKE ${like} OR e.order_source_id ILIKE ${like} OR e.document_number ILIKE ${like} OR e.explanation ILIKE ${like})`,
    );
  }
  return { sql: parts.join(" AND "), params };
}

/** The entities a question is about: the one asked for if it is within the scope, else the whole scope, else none. */
export function entitiesWithin(
  scope: Pick<ExceptionScope, "entityIds">,
  asked: string | undefined,
): string[] {
  if (asked === undefined) return [...scope.entityIds];
  return scope.entityIds.filter((entityId) => entityId === asked);
}

/**
 * The amount of an exception in the period asked for (parameter 1), or as a whole without one; in minor units.
 * Each exception says its amounts per period, so a sum over a period agrees with that period's bridge.
 */
export const amountIn = (amount: "net" | "tax" | "gross"): string =>
  `CASE WHEN $1::text IS NULL OR jsonb_array_length(e.amounts) = 0 THEN e.${amount}
    ELSE coalesce((SELECT sum((part->>'${amount}')::bigint)::bigint FROM jsonb_array_elements(e.amounts) part
      WHERE part->>'period' = $1::text AND coalesce(part->>'currency', e.currency) = e.currency), 0) END`;
