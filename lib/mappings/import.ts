import type pg from "pg";
import { personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { addDays } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { aliasOf } from "@/lib/domain/identity";
import { type FileProblem, type KnownNames, type ReadFile, readMappingFile, writeMappingFile } from "./file";
import { askFor, type RequestContext } from "./requests";
import {
  beginOf,
  keyOf,
  type MappingChange,
  type MappingFile,
  type MappingRow,
  placeOf,
  referenceText,
} from "./schema";

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
  const pool = context.pool ?? ownerPool();
  const read = readMappingFile(table, text, await namesOf(pool, entityId));
  const problems = [...read.problems, ...(await unknownOrders(pool, entityId, read.orders))].sort(
    (a, b) => a.line - b.line,
  );
  if (problems.length > 0) return { id: null, changed: 0, same: 0, problems };
  const stated = read.rows.map((one) => one.change);
  const changes = await withReplaced(pool, entityId, stated);
  const holding = await placesHolding(pool, entityId, changes);
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

/**
 * Makes a request of one row of references or payments, as a form holds it: read as the row of a file, so that both are told the
 * same. Throws Refusal `not-allowed`; `invalid` where it says what holds already; what `askFor` throws.
 */
export async function askForRow(
  actor: Actor,
  { entityId, table, draft, replaces, keeps = false, reason = "" }: MappingRow,
  context: RequestContext = {},
): Promise<Pick<Imported, "id" | "problems">> {
  assertMay(actor, "settings.write", entityId);
  const pool = context.pool ?? ownerPool();
  const read = readMappingFile(table, writeMappingFile(table, [draft]), await namesOf(pool, entityId));
  const problems = [...read.problems, ...(await unknownOrders(pool, entityId, read.orders))];
  const stated = read.rows.map((one) => one.change);
  if (problems.length > 0 || stated.length === 0) return { id: null, problems };
  const before =
    keeps && replaces !== undefined ? await keptBefore(pool, entityId, stated[0], replaces) : null;
  const changes = before
    ? [before, ...stated]
    : stated.map((one) =>
        replaces !== undefined && SPANNED.has(one.kind) ? { ...(one as Spanned), replaces } : one,
      );
  const holding = await placesHolding(pool, entityId, changes);
  const isMoved = ({ from }: Readonly<{ from: string | null }>) =>
    replaces !== undefined && replaces !== (from ?? "beginning");
  if (
    changes.every(
      (one) =>
        holding.has(JSON.stringify([placeOf(one), meaningOf(one)])) && !isMoved({ from: beginOf(one) }),
    )
  )
    throw new Refusal("invalid", "It says what holds already: nothing to change.");
  const { id } = await askFor(
    personOf(actor),
    { entityId, changes, source: "change", reason, again: null },
    context,
  );
  return { id, problems: [] };
}

/** The row that a later first day would end, as it stands, until the day before; null where the new one begins no later. */
async function keptBefore(
  pool: pg.Pool,
  entityId: string,
  change: MappingChange | undefined,
  begins: string,
): Promise<MappingChange | null> {
  if (change?.kind !== "reference" && change?.kind !== "payment") return null;
  const { validFrom, replaces: _, ...of } = change;
  if (validFrom === undefined || (begins !== "beginning" && begins >= validFrom)) return null;
  const [sql, key] =
    of.kind === "payment"
      ? [
          "SELECT erp_code AS says FROM payment_mapping WHERE entity_id = $1 AND connection_id = $2 AND shop_id = $3 AND payment_key = $4",
          [of.shopId, of.paymentKey],
        ]
      : [
          "SELECT order_reference AS says FROM reference_rule WHERE entity_id = $1 AND connection_id = $2 AND part = $3 AND text = $4",
          [of.part, referenceText(of)],
        ];
  const first = begins === "beginning" ? null : begins;
  const { rows } = await pool.query<{ says: string | null }>(
    `${sql} AND valid_from IS NOT DISTINCT FROM $5::date AND (valid_until IS NULL OR valid_until >= $6::date)`,
    [entityId, of.connectionId, ...key, first, validFrom],
  );
  const [held] = rows;
  if (!held) return null;
  const days = { ...(first !== null && { validFrom: first }), validUntil: addDays(validFrom, -1) };
  return of.kind === "payment"
    ? { ...of, erpCode: held.says ?? "", ...days }
    : { ...of, order: held.says, ...days };
}

/** The names of what an entity has that a file may use. */
async function namesOf(pool: pg.Pool, entityId: string): Promise<KnownNames> {
  const { rows } = await pool.query<{ kind: string; id: string; name: string }>(
    `SELECT 'erp' AS kind, id::text, name FROM connection WHERE entity_id = $1 AND side = 'erp' AND retired_at IS NULL
     UNION ALL SELECT 'shop', id, name FROM shop WHERE entity_id = $1
     UNION ALL SELECT 'channel', h.key, h.name FROM channel h JOIN connection c ON c.id = h.connection_id
      WHERE c.entity_id = $1 AND c.retired_at IS NULL
     ORDER BY 1, 3, 2`,
    [entityId],
  );
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  return {
    connections: of("erp").map(({ id, name }) => ({ id, name })),
    shops: of("shop").map(({ id, name }) => ({ id, name })),
    channels: of("channel").map((row) => row.id),
  };
}

/** Rows whose order the entity doesn't have. */
async function unknownOrders(
  pool: pg.Pool,
  entityId: string,
  named: ReadFile["orders"],
): Promise<readonly FileProblem[]> {
  if (named.length === 0) return [];
  const { rows: known } = await pool.query<{ alias: string }>(
    "SELECT DISTINCT alias FROM order_alias WHERE entity_id = $1 AND alias = ANY($2)",
    [entityId, named.map((one) => aliasOf(one.order))],
  );
  const aliases = new Set(known.map((row) => row.alias));
  return named
    .filter((one) => !aliases.has(aliasOf(one.order)))
    .map(({ line, order }) => ({
      line,
      column: "order",
      what: `There is no order “${order.slice(0, 40)}”.`,
      advice: "Write the order’s reference, its SCAYLE id or its public key.",
    }));
}

const meaningOf = (change: MappingChange): unknown => {
  switch (change.kind) {
    case "tax-code":
      return [change.right, change.validUntil ?? null];
    case "item":
      return [change.lineKind, change.sku, change.validUntil ?? null];
    case "reference":
      return [change.order === null ? null : aliasOf(change.order), change.validUntil ?? null];
    case "payment":
      return [change.erpCode, change.validUntil ?? null];
    case "item-gone":
    case "reference-gone":
    case "payment-gone":
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
  const items = changes.flatMap((change) => ("erpItem" in change ? [change.erpItem] : []));
  const { rows: mapped } = await client.query(
    `SELECT erp_kind, erp_item, erp_variant, line_kind, sku, valid_from, valid_until
       FROM item_mapping WHERE entity_id = $1 AND erp_item = ANY($2)`,
    [entityId, items],
  );
  const { rows: references } = await client.query(
    `SELECT connection_id, part, text, order_reference, valid_from, valid_until FROM reference_rule WHERE entity_id = $1`,
    [entityId],
  );
  const { rows: payments } = await client.query(
    `SELECT connection_id, shop_id, payment_key, erp_code, valid_from, valid_until FROM payment_mapping WHERE entity_id = $1`,
    [entityId],
  );
  type Held = Readonly<{ key: readonly unknown[]; from: string | null; meaning: readonly unknown[] }>;
  const held: readonly Held[] = [
    ...taxes.map((row) => ({
      key: ["tax-code", row.ship_to, row.channel, row.rate, row.tax_code],
      from: row.valid_from,
      meaning: [row.right, row.valid_until],
    })),
    ...mapped.map((row) => ({
      key: ["item", row.erp_kind, row.erp_item, row.erp_variant],
      from: row.valid_from,
      meaning: [row.line_kind, row.sku, row.valid_until],
    })),
    ...references.map((row) => ({
      key: ["reference", row.connection_id, row.part, row.text],
      from: row.valid_from,
      meaning: [row.order_reference === null ? null : aliasOf(row.order_reference), row.valid_until],
    })),
    ...payments.map((row) => ({
      key: ["payment", row.connection_id, row.shop_id, row.payment_key],
      from: row.valid_from,
      meaning: [row.erp_code, row.valid_until],
    })),
  ];
  const places = new Set(held.map(({ key, from }) => JSON.stringify([...key, from])));
  const keys = new Set(held.map(({ key }) => JSON.stringify(key)));
  // What is not there needs not be taken away; without a first day, all rows of it are meant.
  const gone = changes.filter(
    (one) =>
      one.kind.endsWith("-gone") &&
      !places.has(placeOf(one)) &&
      !("begins" in one && one.begins !== undefined ? false : keys.has(JSON.stringify(keyOf(one)))),
  );
  return new Set(
    [
      ...held.map(({ key, from, meaning }) => [JSON.stringify([...key, from]), meaning]),
      ...gone.map((one) => [placeOf(one), null]),
    ].map((one) => JSON.stringify(one)),
  );
}

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
    if (!SPANNED.has(change.kind)) return change;
    const spanned = change as Spanned;
    const own = spans.get(JSON.stringify(keyOf(change)?.slice(1))) ?? [];
    if (own.some((one) => one.from === (spanned.validFrom ?? null))) return change;
    const met = own.filter(
      (one) =>
        (one.from ?? "") <= (spanned.validUntil ?? "9999") &&
        (spanned.validFrom ?? "") <= (one.until ?? "9999"),
    );
    const free = met.filter(
      ({ from }) => !restated.has(placeOf({ ...spanned, validFrom: from ?? undefined } as MappingChange)),
    );
    const [only] = free;
    return only && free.length === 1 ? { ...spanned, replaces: only.from ?? "beginning" } : change;
  });
}

type Spanned = Extract<MappingChange, { kind: "tax-code" | "item" | "reference" | "payment" }>;
const SPANNED: ReadonlySet<string> = new Set(["tax-code", "item", "reference", "payment"]);

/** The days of the decided rows of what changes name. */
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
      WHERE entity_id = $1 AND erp_item = ANY($2)
     UNION ALL
     SELECT ARRAY[connection_id::text, part, text], valid_from, valid_until FROM reference_rule WHERE entity_id = $1
     UNION ALL
     SELECT ARRAY[connection_id::text, shop_id, payment_key], valid_from, valid_until FROM payment_mapping WHERE entity_id = $1`,
    [entityId, changes.flatMap((one) => ("erpItem" in one ? [one.erpItem] : []))],
  );
  const spans = new Map<string, Readonly<{ from: string | null; until: string | null }>[]>();
  for (const { key, from, until } of rows) {
    const name = JSON.stringify(key);
    spans.set(name, [...(spans.get(name) ?? []), { from, until }]);
  }
  return spans;
}
