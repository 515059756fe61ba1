import "server-only";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { type AuditContext, audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { causeOf } from "@/lib/causes/registry";
import { addDays, dayIn } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson, toPlain } from "@/lib/domain/json";
import { parseAmount } from "@/lib/domain/money";
import { stateAfter } from "@/lib/exceptions/machine";
import { addJob } from "@/lib/jobs/queue";
import { countExceptions } from "@/lib/matching/exception-tally";
import { effectOfRule, markFitting, type RuleColumns, type RuleEffect } from "./data";
import {
  type LimitChange,
  type RuleDecision,
  type RuleEnd,
  type RulePreview,
  type RuleProposal,
  type RuleScope,
  WITHOUT_CODE,
} from "./schema";

type ActContext = AuditContext & Readonly<{ now: Date }>;

/** How far ahead a rule may hold: then somebody looks at it again. */
const DAYS_MOST = 366;

/** A rule's scope as the tables hold it. Throws Refusal "invalid" for a cause that no rule may accept, or too many decimals. */
export function columnsOf(scope: RuleScope): RuleColumns {
  const { cause, shopId, channel, taxCode, currency, most } = scope;
  const known = causeOf(cause);
  if (!known?.raises || known.acceptance !== "rule") {
    throw new Refusal(
      "invalid",
      `Exceptions of “${known?.title ?? cause}” are not accepted by a rule: somebody looks at each.`,
    );
  }
  try {
    return {
      cause,
      shopId,
      channel,
      taxCode: taxCode === WITHOUT_CODE ? "" : taxCode,
      currency,
      maxMinor: parseAmount(most, currency),
    };
  } catch {
    throw new Refusal("invalid", `"${most}" has more decimals than ${currency} has.`);
  }
}

type Reader = Parameters<typeof effectOfRule>[0];

/** What a rule would accept, counted over the whole population; stores nothing. Throws Refusal: "not-allowed", "invalid" as `proposeRule`. */
export async function previewRule(
  actor: Actor,
  scope: RulePreview,
  client: Reader,
  now: Date,
): Promise<RuleEffect> {
  assertMay(actor, "acceptance-rules.propose", scope.entityId);
  if (scope.expiresOn !== undefined) await assertLastDay(client, scope.entityId, scope.expiresOn, now);
  return effectOfRule(client, scope.entityId, columnsOf(scope));
}

/** Throws Refusal "invalid" for a last day that has passed or is more than a year ahead. */
async function assertLastDay(client: Reader, entityId: string, day: string, now: Date): Promise<void> {
  const today = await dayAt(client, entityId, now);
  if (day < today || day > addDays(today, DAYS_MOST))
    throw new Refusal("invalid", "Its last day is today or later, and at most a year ahead.");
}

/**
 * Proposes that such exceptions are always accepted. It accepts nothing until somebody else approves it, and ends on its last
 * day. Throws Refusal: "not-allowed"; "not-found"; "invalid" for a cause that no rule may accept, or a last day that has
 * passed or is more than a year ahead.
 */
export async function proposeRule(
  actor: Actor,
  input: RuleProposal,
  context: ActContext,
): Promise<Readonly<{ id: string }>> {
  const { entityId, expiresOn, reason } = input;
  assertMay(actor, "acceptance-rules.propose", entityId);
  const rule = columnsOf(input);
  const propose = async (client: PoolClient) => {
    await assertLastDay(client, entityId, expiresOn, context.now);
    const { accepted } = await effectOfRule(client, entityId, rule);
    const id = randomUUID();
    await client.query(
      `INSERT INTO acceptance_rule (id, entity_id, cause, shop_id, channel, tax_code, currency, max_minor, expires_on, reason,
         foreseen, made_at, made_by_id, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12, $13, $14)`,
      [
        id,
        entityId,
        rule.cause,
        rule.shopId,
        rule.channel,
        rule.taxCode,
        rule.currency,
        rule.maxMinor.toString(),
        expiresOn,
        reason,
        toJson(accepted),
        context.now,
        actor.id,
        actor.name,
      ],
    );
    return {
      result: { id },
      change: {
        action: "acceptance-rule.propose",
        subject: `acceptance-rule:${id}`,
        before: null,
        after: { ...rule, expiresOn, reason, foreseen: toPlain(accepted) },
      },
    };
  };
  return audited(actor, entityId, propose, context);
}

async function dayAt(client: Reader, entityId: string, now: Date): Promise<string> {
  const { rows } = await client.query<{ timeZone: string }>(
    `SELECT time_zone AS "timeZone" FROM entity WHERE id = $1`,
    [entityId],
  );
  if (!rows[0]) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  return dayIn(now, rows[0].timeZone);
}

type HeldRule = RuleColumns &
  Readonly<{ state: string; expiresOn: string; madeById: string; madeBy: string; reason: string }>;

async function holdRule(client: PoolClient, entityId: string, id: string): Promise<HeldRule> {
  const { rows } = await client.query<HeldRule>(
    `SELECT cause, shop_id AS "shopId", channel, tax_code AS "taxCode", currency, max_minor AS "maxMinor", state,
            expires_on AS "expiresOn", made_by_id AS "madeById", made_by AS "madeBy", reason
       FROM acceptance_rule WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
    [id, entityId],
  );
  const [rule] = rows;
  if (!rule) throw new Refusal("not-found", "There is no such rule in this entity.");
  return rule;
}

/**
 * Approves or rejects a rule that somebody else made. Once approved, what it is about is matched again and accepted by the
 * reconciliation. Nobody decides on their own rule, whatever their roles.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it was decided already, or its last day has passed.
 */
export async function decideRule(
  actor: Actor,
  { entityId, id, approve }: RuleDecision,
  context: ActContext,
): Promise<Readonly<{ groups: number }>> {
  assertMay(actor, "acceptance-rules.approve", entityId);
  const decide = async (client: PoolClient) => {
    const rule = await holdRule(client, entityId, id);
    if (rule.state !== "asked") throw new Refusal("conflict", "This rule has been decided on already.");
    if (rule.madeById === actor.id)
      throw new Refusal("not-allowed", "You made this rule: somebody else has to decide.");
    if (approve && rule.expiresOn < (await dayAt(client, entityId, context.now)))
      throw new Refusal("conflict", "Its last day has passed. It has to be made again.");
    // What the second person saw that it would do.
    const foreseen = approve ? (await effectOfRule(client, entityId, rule)).accepted : [];
    await client.query(
      "UPDATE acceptance_rule SET state = $2, decided_at = $3, decided_by_id = $4, decided_by = $5 WHERE id = $1",
      [id, approve ? "active" : "rejected", context.now, actor.id, actor.name],
    );
    const groups = approve ? await markFitting(client, entityId, rule, context.now) : 0;
    if (approve) await reconcileSoon(client, entityId);
    return {
      result: { groups },
      change: {
        action: approve ? "acceptance-rule.approve" : "acceptance-rule.reject",
        subject: `acceptance-rule:${id}`,
        before: { state: "asked", madeBy: rule.madeBy },
        after: approve
          ? { state: "active", groups, foreseen: toPlain(foreseen) }
          : { state: "rejected", groups },
      },
    };
  };
  return audited(actor, entityId, decide, context);
}

const reconcileSoon = (client: PoolClient, entityId: string) => {
  const name = `reconcile:${entityId}`;
  return addJob(client, "reconcile", { entityId }, { queue: name, key: name, attempts: 10 });
};

/**
 * Ends a rule (or takes back one that was only asked for). What it has accepted stays accepted for as long as its amounts
 * stay, or is acted on again with `reopen`.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it has ended already.
 */
export async function endRule(
  actor: Actor,
  { entityId, id, why, reopen }: RuleEnd,
  context: ActContext,
): Promise<Readonly<{ reopened: number }>> {
  assertMay(actor, "acceptance-rules.propose", entityId);
  const end = async (client: PoolClient) => {
    const rule = await holdRule(client, entityId, id);
    if (rule.state !== "active" && rule.state !== "asked")
      throw new Refusal("conflict", "This rule has ended already.");
    await client.query(
      "UPDATE acceptance_rule SET state = 'ended', ended_at = $2, ended_by = $3, ended_why = $4 WHERE id = $1",
      [id, context.now, actor.name, why],
    );
    const reopened = reopen ? await reopenAccepted(client, entityId, id, actor, context.now) : 0;
    if (reopened > 0) await reconcileSoon(client, entityId);
    return {
      result: { reopened },
      change: {
        action: "acceptance-rule.end",
        subject: `acceptance-rule:${id}`,
        before: { state: rule.state },
        after: { state: "ended", why, reopened },
      },
    };
  };
  return audited(actor, entityId, end, context);
}

/** Opens again what a rule accepted and nobody and nothing else has since, and has their groups matched again. */
async function reopenAccepted(
  client: PoolClient,
  entityId: string,
  ruleId: string,
  actor: Actor,
  now: Date,
): Promise<number> {
  const { rows } = await client.query<{ orderKey: string }>(
    `WITH held AS (
       SELECT e.order_key, e.id FROM exception e
        WHERE e.entity_id = $1 AND e.state = 'accepted'
          AND (e.order_key, e.id) IN (SELECT a.order_key, a.exception_id FROM acceptance a WHERE a.rule_id = $2)
          AND $2 = (SELECT a.rule_id FROM acceptance a WHERE a.order_key = e.order_key AND a.exception_id = e.id
                     ORDER BY a.accepted_at DESC, a.id LIMIT 1)
        ORDER BY e.order_key, e.id FOR UPDATE OF e),
     opened AS (
       UPDATE exception e SET state = CASE WHEN e.assignee_id IS NULL THEN $6 ELSE $7 END, version = e.version + 1
         FROM held WHERE e.order_key = held.order_key AND e.id = held.id RETURNING e.order_key, e.id, e.root_cause_id),
     -- counted by the matching that follows
     touched AS (
       INSERT INTO root_cause_touch (entity_id, root_cause_id) SELECT DISTINCT $1, root_cause_id FROM opened),
     marked AS (
       INSERT INTO dirty_group (order_key, entity_id, since) SELECT DISTINCT order_key, $1, $3::timestamptz FROM opened
       ON CONFLICT (order_key) DO NOTHING)
     INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
     SELECT order_key, gen_random_uuid(), id, $3::timestamptz, $4::text, $5::text, 'reopened', 'The rule that accepted it has ended.' FROM opened
     RETURNING order_key AS "orderKey"`,
    [
      entityId,
      ruleId,
      now,
      actor.name,
      actor.id,
      stateAfter("accepted", "reopen", false),
      stateAfter("accepted", "reopen", true),
    ],
  );
  await countExceptions(
    client,
    rows.map((row) => row.orderKey),
    now,
  );
  return rows.length;
}

/**
 * Sets up to which amount one person may accept an exception of an entity alone. It holds for everybody but whoever set it.
 * Throws Refusal: "not-allowed"; "invalid" for more decimals than the currency has.
 */
export async function setLimit(
  actor: Actor,
  { entityId, currency, amount }: LimitChange,
  context: ActContext,
): Promise<void> {
  assertMay(actor, "settings.write", entityId);
  let minor: bigint;
  try {
    minor = parseAmount(amount, currency);
  } catch {
    throw new Refusal("invalid", `"${amount}" has more decimals than ${currency} has.`);
  }
  const set = async (client: PoolClient) => {
    const { rows } = await client.query<{ minor: bigint }>(
      "SELECT minor FROM acceptance_limit WHERE entity_id = $1 AND currency = $2",
      [entityId, currency],
    );
    await client.query(
      `INSERT INTO acceptance_limit (entity_id, currency, minor, set_at, set_by_id, set_by) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (entity_id, currency) DO UPDATE SET minor = excluded.minor, set_at = excluded.set_at,
         set_by_id = excluded.set_by_id, set_by = excluded.set_by`,
      [entityId, currency, minor.toString(), context.now, actor.id, actor.name],
    );
    return {
      result: undefined,
      change: {
        action: "acceptance-limit.set",
        subject: `acceptance-limit:${entityId}/${currency}`,
        before: rows[0] ? { minor: rows[0].minor } : null,
        after: { minor },
      },
    };
  };
  await audited(actor, entityId, set, context);
}
