import "server-only";
import type { ClientBase, Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { openStates } from "@/lib/exceptions/machine";
import { RULE_FITS, WITHIN_LIMIT } from "@/lib/matching/acceptance-rules";

/** A rule as the tables hold it; amounts in minor units. */
export type RuleColumns = Readonly<{
  cause: string;
  shopId: string | null;
  channel: string | null;
  taxCode: string | null;
  currency: string;
  maxMinor: Minor;
}>;

/** How many exceptions a rule is about, in one currency; `extent` is the largest of each one's amounts, without signs, as the queue counts it; in minor units. */
export type Foreseen = Readonly<{
  currency: string;
  count: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
  extent: Minor;
}>;

/** What a rule would do to the whole population of an entity. */
export type RuleEffect = Readonly<{
  accepted: readonly Foreseen[];
  /** open exceptions of the same cause that it would leave to people */
  left: number;
  /** of those: how many have an amount above its limit or in another currency, and how many could have another cause as well; the others are outside its shop, channel or tax code */
  above: number;
  ambiguous: number;
}>;

const AS_RULE = `(SELECT $2::text AS cause, $3::text AS shop_id, $4::text AS channel, $5::text AS tax_code, $6::text AS currency, $7::bigint AS max_minor) r`;

const valuesOf = (entityId: string, rule: RuleColumns): unknown[] => [
  entityId,
  rule.cause,
  rule.shopId,
  rule.channel,
  rule.taxCode,
  rule.currency,
  rule.maxMinor.toString(),
];

const open = `e.entity_id = $1 AND e.state IN (${openStates.map((state) => `'${state}'`).join(", ")})`;

/** Which open exceptions of an entity a rule is about: counted over all of them, with the same condition as reconciling. */
export async function effectOfRule(
  client: ClientBase | Pool,
  entityId: string,
  rule: RuleColumns,
): Promise<RuleEffect> {
  const { rows } = await client.query<Foreseen>(
    `SELECT e.currency, count(*)::int AS count, sum(e.net)::bigint AS net, sum(e.tax)::bigint AS tax, sum(e.gross)::bigint AS gross,
            sum(greatest(abs(e.net), abs(e.tax), abs(e.gross)))::bigint AS extent
       FROM exception e, ${AS_RULE} WHERE ${open} AND ${RULE_FITS} GROUP BY e.currency ORDER BY e.currency`,
    valuesOf(entityId, rule),
  );
  const all = await client.query<{ left: number; above: number; ambiguous: number }>(
    `SELECT count(*)::int AS left, count(*) FILTER (WHERE NOT e.within)::int AS above,
            count(*) FILTER (WHERE e.within AND e.ambiguous)::int AS ambiguous
       FROM (SELECT e.ambiguous, ${WITHIN_LIMIT} AS within FROM exception e, ${AS_RULE}
              WHERE ${open} AND e.cause = r.cause AND NOT (${RULE_FITS})) e`,
    valuesOf(entityId, rule),
  );
  return { accepted: rows, ...(all.rows[0] ?? { left: 0, above: 0, ambiguous: 0 }) };
}

/** Has the groups of all exceptions that a rule is about matched again. Returns how many groups. */
export async function markFitting(
  client: ClientBase,
  entityId: string,
  rule: RuleColumns,
  at: Date,
): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO dirty_group (order_key, entity_id, since)
     SELECT DISTINCT e.order_key, $1, $8::timestamptz FROM exception e, ${AS_RULE} WHERE ${open} AND ${RULE_FITS}
     ON CONFLICT (order_key) DO NOTHING`,
    [...valuesOf(entityId, rule), at],
  );
  return rowCount ?? 0;
}

export type RuleRow = RuleColumns &
  Readonly<{
    id: string;
    entityId: string;
    expiresOn: Day;
    reason: string;
    state: "asked" | "active" | "rejected" | "ended";
    foreseen: unknown;
    madeAt: Date;
    madeById: string;
    madeBy: string;
    decidedAt: Date | null;
    decidedBy: string | null;
    endedAt: Date | null;
    endedBy: string | null;
    endedWhy: string | null;
    /** how many exceptions are accepted by it now */
    accepted: number;
    /** no reconciliation has begun and ended since it was approved: it has accepted nothing yet */
    isWaiting: boolean;
  }>;

/** The rules of an entity, those in force and asked for first. */
export async function findRules(entityId: string): Promise<readonly RuleRow[]> {
  const { rows } = await appPool().query<RuleRow>(
    `SELECT r.id, r.entity_id AS "entityId", r.cause, r.shop_id AS "shopId", r.channel, r.tax_code AS "taxCode", r.currency,
       r.max_minor AS "maxMinor", r.expires_on AS "expiresOn", r.reason, r.state, r.foreseen, r.made_at AS "madeAt",
       r.made_by_id AS "madeById", r.made_by AS "madeBy", r.decided_at AS "decidedAt", r.decided_by AS "decidedBy",
       r.ended_at AS "endedAt", r.ended_by AS "endedBy", r.ended_why AS "endedWhy",
       (SELECT count(DISTINCT a.exception_id)::int FROM acceptance a JOIN exception e ON e.order_key = a.order_key AND e.id = a.exception_id
         WHERE a.rule_id = r.id AND e.state = 'accepted') AS accepted,
       r.state = 'active' AND NOT EXISTS (SELECT FROM run n WHERE n.kind = 'reconcile' AND n.entity_id = r.entity_id
         AND n.state = 'done' AND n.started_at >= r.decided_at) AS "isWaiting"
     FROM acceptance_rule r WHERE r.entity_id = $1
     ORDER BY array_position(ARRAY['asked', 'active', 'ended', 'rejected'], r.state), r.made_at DESC, r.id LIMIT 200`,
    [entityId],
  );
  return rows;
}

/** What a rule can be narrowed to in an entity: its shops, the channels of its connections, the currencies of its books. */
export async function findRuleChoices(entityId: string) {
  const { rows } = await appPool().query<{
    shops: readonly Readonly<{ id: string; name: string }>[];
    channels: readonly string[];
    currencies: readonly string[];
  }>(
    `SELECT (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name) ORDER BY name, id), '[]') FROM shop WHERE entity_id = $1) AS shops,
       ARRAY(SELECT DISTINCT c.key FROM channel c JOIN connection k ON k.id = c.connection_id WHERE k.entity_id = $1 ORDER BY 1) AS channels,
       ARRAY(SELECT DISTINCT currency::text FROM tally WHERE entity_id = $1 ORDER BY 1) AS currencies`,
    [entityId],
  );
  return rows[0] ?? { shops: [], channels: [], currencies: [] };
}

/** How many exceptions of an entity wait for a second person. */
export async function countAsked(entityId: string): Promise<number> {
  const { rows } = await appPool().query<{ count: number }>(
    `SELECT count(*)::int AS count FROM acceptance_request r JOIN exception e ON e.order_key = r.order_key AND e.id = r.exception_id
      WHERE r.entity_id = $1 AND r.state = 'asked' AND e.state = ANY($2)`,
    [entityId, [...openStates]],
  );
  return rows[0]?.count ?? 0;
}

export type LimitRow = Readonly<{ currency: string; minor: Minor; setAt: Date; setBy: string }>;

/** The limits that somebody set for an entity. */
export async function findLimits(entityId: string): Promise<readonly LimitRow[]> {
  const { rows } = await appPool().query<LimitRow>(
    `SELECT currency, minor, set_at AS "setAt", set_by AS "setBy" FROM acceptance_limit WHERE entity_id = $1 ORDER BY currency`,
    [entityId],
  );
  return rows;
}
