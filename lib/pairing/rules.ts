import type { PoolClient } from "pg";
import type { Change } from "@/lib/audit/record";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { formArguments, formsOf, isEmpty, ReferenceRules } from "@/lib/matching/reference-rules";
import { rekeyByRules } from "@/lib/sync/store/placement";
import { markDirty } from "@/lib/sync/store/rows";
import type { Decider } from "./placement";
import type { RulesChange, RulesOf } from "./schema";

/**
 * Puts the reference rules of an ERP connection in force, inside the caller's transaction, which holds the entity's
 * books: every name of an order and every reference is read by them, and what stands alone is placed again. Empty
 * rules put an end to them.
 *
 * @throws Refusal `not-found` for a connection that the entity doesn't have
 */
export async function applyRules(
  client: PoolClient,
  { entityId, connectionId, rules }: RulesChange,
  who: Decider,
): Promise<Readonly<{ moved: number; change: Change }>> {
  const before = await rulesOf(client, { entityId, connectionId });
  const kept = isEmpty(rules) ? null : rules;
  await client.query(
    `UPDATE connection SET reference_rules = $2::jsonb, reference_rules_at = $3, reference_rules_by = $4 WHERE id = $1`,
    [connectionId, kept && toJson(kept), who.at, who.name],
  );
  await client.query("DELETE FROM alias_form WHERE connection_id = $1", [connectionId]);
  if (kept) {
    await client.query(
      `INSERT INTO alias_form (order_key, connection_id, form, entity_id)
       SELECT DISTINCT order_key, $2::uuid, form, entity_id FROM (
         SELECT order_key, entity_id, tieout_form(alias, $3, $4, $5, $6) AS form FROM order_alias WHERE entity_id = $1) a
        WHERE form IS NOT NULL`,
      [entityId, connectionId, ...formArguments(kept)],
    );
  }
  await keepReferenceForms(client, entityId, connectionId, kept);
  const moves = await rekeyByRules(client, { entityId, at: who.at, runId: null }, connectionId);
  await markDirty(
    client,
    entityId,
    moves.flatMap((move) => [move.from, move.to.orderKey]),
    who.at,
  );
  return {
    moved: moves.length,
    change: {
      action: "settings.reference-rules",
      subject: `connection:${connectionId}`,
      before: before.rules,
      after: { rules: kept, moved: moves.length },
    },
  };
}

/** Writes down every reference of a connection as the rules read it. */
async function keepReferenceForms(
  client: PoolClient,
  entityId: string,
  connectionId: string,
  rules: ReferenceRules | null,
): Promise<void> {
  if (rules === null) {
    await client.query(
      "UPDATE document SET reference_form = NULL WHERE connection_id = $1 AND reference_form IS NOT NULL",
      [connectionId],
    );
    return;
  }
  await client.query(
    `UPDATE document SET reference_form = tieout_form(reference, $3, $4, $5, $6)
      WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp'
        AND reference_form IS DISTINCT FROM tieout_form(reference, $3, $4, $5, $6)`,
    [entityId, connectionId, ...formArguments(rules)],
  );
  // Some databases fold only ASCII: what has other letters is folded here, as it is when it arrives.
  const { rows } = await client.query<{ id: string; orderKey: string; reference: string }>(
    `SELECT id, order_key AS "orderKey", reference FROM document
      WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp' AND octet_length(reference) <> char_length(reference)`,
    [entityId, connectionId],
  );
  const forms = await formsOf(
    client,
    new Map([[connectionId, rules]]),
    rows.map((row) => ({ ...row, connectionId })),
  );
  await client.query(
    `UPDATE document SET reference_form = f.form FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS f(order_key, id, form)
      WHERE document.order_key = f.order_key AND document.id = f.id`,
    [
      rows.map((row) => row.orderKey),
      rows.map((row) => row.id),
      rows.map((row) => forms.get(row.id) ?? null),
    ],
  );
}

/** The rules in force of an ERP connection (null: none). Throws Refusal `not-found`. */
export async function rulesOf(
  client: PoolClient,
  { entityId, connectionId }: RulesOf,
): Promise<Readonly<{ name: string; rules: ReferenceRules | null }>> {
  const { rows } = await client.query<{ name: string; reference_rules: unknown }>(
    `SELECT name, reference_rules FROM connection
      WHERE id = $1 AND entity_id = $2 AND side = 'erp' AND retired_at IS NULL`,
    [connectionId, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such ERP connection in this entity.");
  return {
    name: row.name,
    rules: row.reference_rules === null ? null : ReferenceRules.parse(row.reference_rules),
  };
}
