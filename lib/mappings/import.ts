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
  const { changes: stated, problems } = readMappingFile(table, text);
  if (problems.length > 0) return { id: null, changed: 0, same: 0, problems };
  const changes = await withReplaced(context.pool ?? ownerPool(), entityId, stated);
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
      return [change.right, change.validUntil ?? null];
    case "item":
      return [change.lineKind, change.sku, change.validUntil ?? null];
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
    `SELECT erp_kind, erp_item, erp_variant, line_kind, sku, valid_from, valid_until
       FROM item_mapping WHERE entity_id = $1 AND erp_item = ANY($2)`,
    [entityId, items.map((one) => one.erpItem)],
  );
  const taxPlace = (row: (typeof taxes)[number]) => [
    ...["tax-code", row.ship_to, row.channel, row.rate, row.tax_code],
    row.valid_from,
  ];
  const there = new Set(mapped.map((row) => JSON.stringify(itemPlace(row))));
  const gone = items.filter(
    (one) => one.kind === "item-gone" && !there.has(placeOf(one)) && !isThereAtAll(one, mapped),
  );
  return new Set(
    [
      ...taxes.map((row) => [JSON.stringify(taxPlace(row)), [row.right, row.valid_until]]),
      ...mapped.map((row) => [JSON.stringify(itemPlace(row)), [row.line_kind, row.sku, row.valid_until]]),
      ...gone.map((one) => [placeOf(one), null]),
    ].map((one) => JSON.stringify(one)),
  );
}

const itemPlace = (row: Readonly<Record<string, string | null>>) => [
  ...["item", row["erp_kind"], row["erp_item"], row["erp_variant"]],
  row["valid_from"],
];

/** Whether an item has a row that taking all of its rows away would end. */
const isThereAtAll = (
  one: Extract<MappingChange, { kind: "item-gone" }>,
  mapped: readonly Readonly<Record<string, string | null>>[],
): boolean =>
  one.begins === undefined &&
  mapped.some(
    (row) =>
      row["erp_kind"] === one.erpKind &&
      row["erp_item"] === one.erpItem &&
      row["erp_variant"] === one.erpVariant,
  );

/**
 * A row of a file may move the first day of a row that holds: where its days meet those of exactly one row of the same code
 * or item that the file doesn't restate, it takes the place of that one. Where they meet several, the file is refused later.
 */
async function withReplaced(
  client: pg.Pool,
  entityId: string,
  changes: readonly MappingChange[],
): Promise<readonly MappingChange[]> {
  const spans = await spansOf(client, entityId, changes);
  const restated = new Set(changes.map(placeOf));
  return changes.map((change) => {
    if (change.kind !== "tax-code" && change.kind !== "item") return change;
    const own = spans.get(keyOf(change)) ?? [];
    if (own.some((one) => one.from === (change.validFrom ?? null))) return change;
    const met = own.filter(
      (one) =>
        (one.from ?? "") <= (change.validUntil ?? "9999") &&
        (change.validFrom ?? "") <= (one.until ?? "9999"),
    );
    const free = met.filter(
      ({ from }) => !restated.has(placeOf({ ...change, validFrom: from ?? undefined } as MappingChange)),
    );
    const [only] = free;
    return only && free.length === 1 ? { ...change, replaces: only.from ?? "beginning" } : change;
  });
}

type Spanned = Extract<MappingChange, { kind: "tax-code" | "item" }>;
const keyOf = (change: Spanned): string =>
  change.kind === "tax-code"
    ? JSON.stringify([change.shipTo, change.channel, change.rate, change.taxCode])
    : JSON.stringify([change.erpKind, change.erpItem, change.erpVariant]);

/** The days of the decided rows of the codes and items that changes name. */
async function spansOf(
  client: pg.Pool,
  entityId: string,
  changes: readonly MappingChange[],
): Promise<ReadonlyMap<string, readonly Readonly<{ from: string | null; until: string | null }>[]>> {
  const { rows } = await client.query<
    Readonly<{ key: readonly string[]; from: string | null; until: string | null }>
  >(
    `SELECT ARRAY[ship_to, channel, trim_scale(rate)::text, tax_code] AS key, valid_from AS "from", valid_until AS until FROM tax_mapping
      WHERE entity_id = $1 AND (confirmed_at IS NOT NULL OR confirmed_by IS NOT NULL)
     UNION ALL
     SELECT ARRAY[erp_kind, erp_item, erp_variant], valid_from, valid_until FROM item_mapping
      WHERE entity_id = $1 AND erp_item = ANY($2)`,
    [entityId, changes.flatMap((one) => ("erpItem" in one ? [one.erpItem] : []))],
  );
  const spans = new Map<string, Readonly<{ from: string | null; until: string | null }>[]>();
  for (const { key, from, until } of rows) {
    const name = JSON.stringify(key);
    spans.set(name, [...(spans.get(name) ?? []), { from, until }]);
  }
  return spans;
}
