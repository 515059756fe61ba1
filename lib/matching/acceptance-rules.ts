import type pg from "pg";
import type { Day } from "@/lib/domain/day";
import { toJson } from "@/lib/domain/json";
import type { FoundException } from "./findings";

/** A rule by which an entity always accepts exceptions of a kind: made by one person, approved by another, until a day. */
export type AcceptanceRule = Readonly<{
  id: string;
  cause: string;
  reason: string;
  madeById: string;
  madeBy: string;
  decidedById: string;
  decidedBy: string;
}>;

/** The rules of an entity that are in force on a day. */
export async function loadAcceptanceRules(
  client: pg.ClientBase,
  entityId: string,
  day: Day,
): Promise<readonly AcceptanceRule[]> {
  const { rows } = await client.query<AcceptanceRule>({
    name: "acceptance-rules",
    text: `SELECT id, cause, reason, made_by_id AS "madeById", made_by AS "madeBy", decided_by_id AS "decidedById",
            decided_by AS "decidedBy" FROM acceptance_rule
      WHERE entity_id = $1 AND state = 'active' AND expires_on >= $2 ORDER BY decided_at, id`,
    values: [entityId, day],
  });
  return rows;
}

/** Whether every amount of an exception (alias e) is in the currency of a rule (alias r) and within its limit, for SQL. */
export const WITHIN_LIMIT = `NOT EXISTS (SELECT FROM jsonb_array_elements(e.amounts) a
        WHERE coalesce(a.value ->> 'currency', e.currency) <> r.currency
           OR greatest(abs((a.value ->> 'net')::bigint), abs((a.value ->> 'tax')::bigint), abs((a.value ->> 'gross')::bigint)) > r.max_minor)`;

/**
 * Whether a rule (alias r) is about an exception (alias e), for SQL: its cause, shop, channel and tax code, every amount of it
 * in the rule's currency and within its limit, and no other explanation that fits as well. A rule with a tax code wants it on
 * every ERP line, the empty one meaning "without a code".
 */
export const RULE_FITS = `e.cause = r.cause AND e.currency = r.currency AND NOT e.ambiguous
  AND (r.shop_id IS NULL OR e.shop_id = r.shop_id) AND (r.channel IS NULL OR e.channel = r.channel)
  AND ${WITHIN_LIMIT}
  AND (r.tax_code IS NULL OR (SELECT count(*) > 0 AND bool_and(coalesce(l.value ->> 'taxCode', '') = r.tax_code)
         FROM jsonb_array_elements(CASE WHEN jsonb_typeof(e.evidence -> 'lines') = 'array' THEN e.evidence -> 'lines' ELSE '[]' END) l
        WHERE l.value ->> 'side' = 'erp'))`;

/** Which of the exceptions that a run found are accepted by which rule; the one approved first goes before the others. */
export async function acceptedByRules(
  client: pg.ClientBase,
  rules: readonly AcceptanceRule[],
  found: readonly FoundException[],
): Promise<ReadonlyMap<string, AcceptanceRule>> {
  const causes = new Set(rules.map((rule) => rule.cause));
  const candidates = found.filter((one) => one.bucket === "open" && causes.has(one.cause));
  if (candidates.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; rule_id: string }>(
    `SELECT DISTINCT ON (e.id) e.id, r.id AS rule_id
       FROM json_to_recordset($1::json) AS e(id uuid, cause text, currency text, ambiguous boolean, shop_id text, channel text,
              amounts jsonb, evidence jsonb)
       JOIN acceptance_rule r ON ${RULE_FITS}
      WHERE r.id = ANY ($2::uuid[]) ORDER BY e.id, r.decided_at, r.id`,
    [
      toJson(
        candidates.map((one) => ({
          id: one.id,
          cause: one.cause,
          currency: one.currency,
          ambiguous: one.ambiguous,
          shop_id: one.shopId,
          channel: one.channel,
          amounts: one.amounts,
          evidence: one.evidence,
        })),
      ),
      rules.map((rule) => rule.id),
    ],
  );
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return new Map(
    rows.flatMap(({ id, rule_id }) => {
      const rule = byId.get(rule_id);
      return rule ? [[id, rule] as const] : [];
    }),
  );
}
