import type pg from "pg";
import { personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { type FileProblem, readMappingFile } from "./file";
import { askFor, type RequestContext } from "./requests";
import { type MappingChange, type MappingFile, placeOf } from "./schema";

/** What came of a file: the request that it became, or all that is wrong with it. */
export type Imported = Readonly<{
  id: string | null;
  /** rows that change something */
  changed: number;
  /** rows that say what holds already */
  same: number;
  problems: readonly FileProblem[];
}>;

/**
 * Makes a request of a file's rows, as far as they change anything: all of them, or none where one of them is bad.
 * Throws Refusal `not-allowed`; `invalid` where the file changes nothing; what `askFor` throws.
 */
export async function importMappings(
  actor: Actor,
  { entityId, table, text, reason }: MappingFile,
  context: RequestContext = {},
): Promise<Imported> {
  assertMay(actor, "settings.write", entityId);
  const { changes, problems } = readMappingFile(table, text);
  if (problems.length > 0) return { id: null, changed: 0, same: 0, problems };
  const holding = await placesHolding(context.pool ?? ownerPool(), entityId, changes);
  const news = changes.filter((change) => !holding.has(JSON.stringify([placeOf(change), meaningOf(change)])));
  const same = changes.length - news.length;
  if (news.length === 0) throw new Refusal("invalid", "The file says what holds already: nothing to change.");
  const { id } = await askFor(
    personOf(actor),
    { entityId, changes: news, source: "file", reason, again: null },
    context,
  );
  return { id, changed: news.length, same, problems: [] };
}

const meaningOf = (change: MappingChange): unknown => {
  switch (change.kind) {
    case "tax-code":
      return [change.right, change.validFrom ?? null, change.validUntil ?? null];
    case "item":
      return [change.lineKind, change.sku];
    case "item-gone":
      return null;
    default:
      return change.needed;
  }
};

/** What holds at the places of some changes, as places with their meaning. */
async function placesHolding(
  client: pg.Pool,
  entityId: string,
  changes: readonly MappingChange[],
): Promise<ReadonlySet<string>> {
  const { rows: taxes } = await client.query(
    `SELECT ship_to, channel, trim_scale(rate)::text AS rate, tax_code, confirmed_at IS NOT NULL AS right, valid_from, valid_until
       FROM tax_mapping WHERE entity_id = $1 AND (confirmed_at IS NOT NULL OR confirmed_by IS NOT NULL)`,
    [entityId],
  );
  const items = changes.flatMap((change) => ("erpItem" in change ? [change] : []));
  const { rows: mapped } = await client.query(
    `SELECT erp_kind, erp_item, erp_variant, line_kind, sku FROM item_mapping WHERE entity_id = $1 AND erp_item = ANY($2)`,
    [entityId, items.map((one) => one.erpItem)],
  );
  const there = new Set(mapped.map((row) => itemPlace(row.erp_kind, row.erp_item, row.erp_variant)));
  return new Set(
    [
      ...taxes.map((row) => [
        JSON.stringify(["tax-code", row.ship_to, row.channel, row.rate, row.tax_code]),
        [row.right, row.valid_from, row.valid_until],
      ]),
      ...mapped.map((row) => [
        itemPlace(row.erp_kind, row.erp_item, row.erp_variant),
        [row.line_kind, row.sku],
      ]),
      ...items.map(placeOf).flatMap((place) => (there.has(place) ? [] : [[place, null]])),
    ].map((one) => JSON.stringify(one)),
  );
}

const itemPlace = (kind: string, item: string, variant: string): string =>
  JSON.stringify(["item", kind, item, variant]);
