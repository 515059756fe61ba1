import type pg from "pg";
import { Refusal } from "@/lib/domain/faults";
import {
  type AppliedChange,
  applyTaxCode,
  assertNoSharedDays,
  type By,
  itemSubject,
  writeItem,
} from "@/lib/settings/change/apply";
import { type MappedItem, remapLines } from "@/lib/sync/store/remap";
import type { MappingChange } from "./schema";

/** What a change did, and the action that the audit trail has of it. */
export type AppliedMapping = AppliedChange & Readonly<{ action: string }>;

/**
 * Makes changes of mappings within the caller's transaction; the lines of all items that they name take their new meaning
 * in one go. The next reconciliation matches what they touch.
 *
 * @throws Refusal `invalid` for what can't hold, `not-found` for an item that has no mapping to take away
 */
export async function applyMappings(
  client: pg.ClientBase,
  entityId: string,
  changes: readonly MappingChange[],
  by: By,
): Promise<readonly AppliedMapping[]> {
  const applied: AppliedMapping[] = [];
  const items: MappedItem[] = [];
  for (const change of changes) {
    if ("erpItem" in change) items.push(change);
    applied.push(await applyOne(client, entityId, change, by));
  }
  if (changes.some((one) => one.kind !== "second-person")) await assertNoSharedDays(client, entityId);
  if (items.length > 0) await remapLines(client, entityId, items, by.at);
  return applied;
}

async function applyOne(
  client: pg.ClientBase,
  entityId: string,
  change: MappingChange,
  by: By,
): Promise<AppliedMapping> {
  switch (change.kind) {
    case "tax-code":
      return { action: "settings.tax-code", ...(await applyTaxCode(client, entityId, change, by)) };
    case "item":
      return { action: "settings.item", ...(await writeItem(client, entityId, change, by)) };
    case "item-gone":
      return { action: "settings.item", ...(await removeItem(client, entityId, change)) };
    case "second-person": {
      const { rows } = await client.query<{ before: boolean }>(
        "SELECT second_person AS before FROM entity WHERE id = $1 FOR UPDATE",
        [entityId],
      );
      await client.query("UPDATE entity SET second_person = $2 WHERE id = $1", [entityId, change.needed]);
      return {
        action: "settings.second-person",
        subject: "second-person",
        before: rows[0]?.before ?? null,
        after: change.needed,
      };
    }
    default:
      throw new Error(`no such change: ${JSON.stringify(change satisfies never)}`);
  }
}

async function removeItem(
  client: pg.ClientBase,
  entityId: string,
  item: Extract<MappingChange, { kind: "item-gone" }>,
): Promise<AppliedChange> {
  const from = item.begins === undefined || item.begins === "beginning" ? null : item.begins;
  const { rows } = await client.query<{ sku: string | null; lineKind: string }>(
    `DELETE FROM item_mapping WHERE entity_id = $1 AND erp_kind = $2 AND erp_item = $3 AND erp_variant = $4
        AND ($5 OR valid_from IS NOT DISTINCT FROM $6::date)
     RETURNING sku, line_kind AS "lineKind", valid_from AS "validFrom", valid_until AS "validUntil"`,
    [entityId, item.erpKind, item.erpItem, item.erpVariant, item.begins === undefined, from],
  );
  const subject = itemSubject(item);
  if (!rows[0]) throw new Refusal("not-found", `There is no mapping of ${subject} to take away.`);
  return { subject, before: rows.length === 1 ? rows[0] : rows, after: null };
}
