import { Decimal } from "decimal.js";
import type pg from "pg";
import { copyOut, type TextRow, textLiteral, uuidsLiteral } from "@/lib/db/copy-out";
import type { GroupLine } from "@/lib/domain/group";

/** The lines in the books of groups, by order key. Amounts in minor units, signed; null is unknown. */
export async function readLines(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, readonly GroupLine[]>> {
  const groups = new Map<string, GroupLine[]>();
  if (orderKeys.length === 0) return groups;
  const rows = await copyOut(
    client,
    `SELECT order_key, id, side, document_id, document_kind, kind, granularity, source_line_id, item_key, sku, quantity,
            unit_price, discount, net, tax, gross, tax_code, tax_rate, currency, day, period,
            (extract(epoch FROM at) * 1000)::bigint, shipment, description, position
       FROM line WHERE entity_id = ${textLiteral(entityId)} AND order_key = ANY (${uuidsLiteral(orderKeys)}) AND in_books`,
  );
  const decimals = new Map<string, Decimal>();
  for (const row of rows) {
    const line = lineOf(row, decimals);
    const key = row[0] ?? "";
    const group = groups.get(key);
    if (group) group.push(line);
    else groups.set(key, [line]);
  }
  return groups;
}

function lineOf(row: TextRow, decimals: Map<string, Decimal>): GroupLine {
  // Quantities and rates are few: each is made once.
  const decimal = (text: string | null | undefined): Decimal | null => {
    if (text === null || text === undefined) return null;
    let made = decimals.get(text);
    if (!made) {
      made = new Decimal(text);
      decimals.set(text, made);
    }
    return made;
  };
  const text = (index: number): string => row[index] ?? "";
  const optional = (index: number): string | null => row[index] ?? null;
  const amount = (index: number): bigint | null => {
    const digits = row[index];
    return digits === null || digits === undefined ? null : BigInt(digits);
  };
  const at = row[21];
  return {
    id: text(1),
    side: text(2) as GroupLine["side"],
    documentId: text(3),
    documentKind: text(4) as GroupLine["documentKind"],
    kind: text(5) as GroupLine["kind"],
    granularity: text(6) as GroupLine["granularity"],
    sourceLineId: text(7),
    position: row[24] === null || row[24] === undefined ? null : Number(row[24]),
    itemKey: text(8),
    sku: optional(9),
    quantity: decimal(row[10]) ?? new Decimal(0),
    unitPrice: decimal(row[11]),
    discount: amount(12),
    net: amount(13),
    tax: amount(14),
    gross: amount(15) ?? 0n,
    taxCode: optional(16),
    taxRate: decimal(row[17]),
    currency: text(18),
    day: text(19),
    period: text(20),
    at: at === null || at === undefined ? null : new Date(Number(at)),
    shipment: optional(22),
    description: optional(23),
  };
}
