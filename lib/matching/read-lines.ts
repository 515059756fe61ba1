import { Decimal } from "decimal.js";
import type pg from "pg";
import { copyOut, type TextRow, textLiteral, uuidsLiteral } from "@/lib/db/copy-out";
import type { GroupLine } from "@/lib/domain/group";
import { NOT_COVERED } from "./members";
import { FEW_GROUPS } from "./scope";

/** The lines in the books of groups, by order key. Amounts in minor units, signed; null is unknown. */
export async function readLines(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, readonly GroupLine[]>> {
  if (orderKeys.length === 0) return new Map();
  // Of more groups by COPY, which is quicker by the line.
  if (orderKeys.length <= FEW_GROUPS) {
    const { rows } = await client.query<[string, ...(string | null)[]]>({
      name: "lines-of-few",
      text: linesOf("$1", "$2::uuid[]"),
      values: [entityId, orderKeys],
      rowMode: "array",
      types: AS_TEXT,
    });
    return grouped(rows);
  }
  return grouped(await copyOut(client, linesOf(textLiteral(entityId), uuidsLiteral(orderKeys))));
}

/** The lines of orders that summary postings cover, by group key; each says which order it is of. */
export async function readCoveredLines(
  client: pg.PoolClient,
  entityId: string,
  groupKeys: readonly string[],
): Promise<ReadonlyMap<string, readonly GroupLine[]>> {
  if (groupKeys.length === 0) return new Map();
  return grouped(
    await copyOut(
      client,
      `SELECT m.group_key, ${COLUMNS}, line.order_key FROM group_member m
         JOIN line ON line.order_key = m.order_key AND line.document_kind = m.kind AND line.day = m.day
        WHERE m.group_key = ANY (${uuidsLiteral(groupKeys)}) AND line.entity_id = ${textLiteral(entityId)}
          AND line.side = 'scayle' AND line.in_books`,
    ),
  );
}

// As COPY gives them.
const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (value: unknown) => value };

const linesOf = (entityId: string, orderKeys: string): string =>
  `SELECT line.order_key, ${COLUMNS} FROM line
    WHERE entity_id = ${entityId} AND order_key = ANY (${orderKeys}) AND in_books AND ${NOT_COVERED}`;

const COLUMNS = `id, side, document_id, document_kind, line.kind, granularity, source_line_id, item_key, sku, quantity,
  unit_price, discount, net, tax, gross, tax_code, tax_rate, currency, line.day, period,
  (extract(epoch FROM at) * 1000)::bigint, shipment, description, position, tax_allocated, taxed_on_price`;

function grouped(rows: readonly TextRow[]): ReadonlyMap<string, readonly GroupLine[]> {
  const groups = new Map<string, GroupLine[]>();
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
    ...(row[25] === "t" && { taxAllocated: true }),
    ...(row[26] === "t" && { taxedOnPrice: true }),
    ...(typeof row[27] === "string" && { orderKey: row[27] }),
  };
}
