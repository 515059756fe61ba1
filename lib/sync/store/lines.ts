import type pg from "pg";
import { storedLines } from "@/lib/domain/control";
import { type Day, monthOf } from "@/lib/domain/day";
import type { BookDocument, BookLine, LineKind } from "@/lib/domain/document";
import { idOf } from "@/lib/domain/identity";

type Meaning = Readonly<{ sku: string | null; lineKind: LineKind; from: Day | null; until: Day | null }>;

/** What an ERP item or account stands for, from when to when: confirmed rows of the item mapping, by kind, item and variant. */
export type ItemMap = ReadonlyMap<string, readonly Meaning[]>;

const mapKey = (erpKind: string, item: string, variant: string): string =>
  [erpKind, item, variant].join("\u001f");

/** The confirmed item mapping of an entity. */
export async function loadItemMap(client: pg.ClientBase, entityId: string): Promise<ItemMap> {
  const { rows } = await client.query<{
    erp_kind: string;
    erp_item: string;
    erp_variant: string;
    sku: string | null;
    line_kind: LineKind;
    valid_from: Day | null;
    valid_until: Day | null;
  }>(
    `SELECT erp_kind, erp_item, erp_variant, sku, line_kind, valid_from, valid_until FROM item_mapping
      WHERE entity_id = $1 AND confirmed_at IS NOT NULL`,
    [entityId],
  );
  const items = new Map<string, Meaning[]>();
  for (const row of rows) {
    const key = mapKey(row.erp_kind, row.erp_item, row.erp_variant);
    const meaning = { sku: row.sku, lineKind: row.line_kind, from: row.valid_from, until: row.valid_until };
    items.set(key, [...(items.get(key) ?? []), meaning]);
  }
  return items;
}

export const LINE_COLUMNS = `order_key uuid, id uuid, document_id uuid, entity_id text, side text, document_kind text, kind text,
  granularity text, source_line_id text, position int, sku text, item_key text, quantity numeric, unit_price numeric, discount bigint,
  net bigint, tax bigint, gross bigint, tax_code text, tax_rate numeric, currency text, day date, period text,
  at timestamptz, shipment text, description text, shop_id text, channel text, in_books boolean, tax_allocated boolean, taxed_on_price boolean,
  account text`;

type Place = Readonly<{
  orderKey: string;
  documentId: string;
  entityId: string;
  shopId: string | null;
  channel: string | null;
}>;

/** The rows of a document's lines. */
export function lineRows(
  document: BookDocument,
  place: Place,
  items: ItemMap,
): readonly Readonly<Record<string, unknown>>[] {
  return storedLines(document).map(({ sourceLineId, line }, position) => {
    const { kind, itemKey, sku } = meaningOf(line, document.side === "erp" ? items : new Map());
    return {
      order_key: place.orderKey,
      id: idOf("line", place.documentId, sourceLineId),
      document_id: place.documentId,
      entity_id: place.entityId,
      side: document.side,
      document_kind: document.kind,
      kind,
      granularity: line.granularity,
      source_line_id: sourceLineId,
      position,
      sku,
      item_key: itemKey,
      quantity: line.quantity,
      unit_price: line.unitPrice,
      discount: line.discount,
      net: line.net,
      tax: line.tax,
      gross: line.gross,
      tax_code: line.taxCode,
      tax_rate: line.taxRate,
      currency: document.currency,
      day: line.day,
      period: monthOf(line.day),
      at: line.at,
      shipment: line.shipment,
      description: line.description,
      shop_id: place.shopId,
      channel: place.channel,
      in_books: document.posted,
      tax_allocated: line.taxAllocated ?? false,
      taxed_on_price: line.taxedOnPrice ?? false,
      account: document.side === "erp" ? line.account : null,
    };
  });
}

/** What a line is after the item mapping of its day, and by what it pairs. */
export function meaningOf(
  line: BookLine,
  items: ItemMap,
): Readonly<{ kind: LineKind; itemKey: string; sku: string | null }> {
  const variant = line.variant ?? "";
  const meanings =
    line.kind === "item" && line.sku !== null
      ? items.get(mapKey("item", line.sku, variant))
      : line.account !== null
        ? items.get(mapKey("account", line.account, ""))
        : undefined;
  const mapped = meanings?.find(
    ({ from, until }) => (from ?? line.day) <= line.day && line.day <= (until ?? line.day),
  );
  const kind = mapped?.lineKind ?? line.kind;
  if (line.granularity === "document") return { kind, itemKey: "document", sku: line.sku };
  if (kind !== "item") return { kind, itemKey: CLASSES[kind], sku: line.sku };
  const own = line.sku === null || variant === "" ? line.sku : `${line.sku}-${variant}`;
  const sku = mapped?.sku ?? own;
  return { kind, itemKey: sku ?? line.account ?? "item", sku };
}

/** Charges pair with charges, whatever each side calls them. */
const CLASSES: Readonly<Record<Exclude<LineKind, "item">, string>> = {
  shipping: "charge",
  fee: "charge",
  discount: "charge",
  gift_card: "gift_card",
  rounding: "header",
  header: "header",
};
