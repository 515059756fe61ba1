import type pg from "pg";
import { personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { addDays, type Day } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { ONE_CHANNEL } from "@/lib/domain/group";
import { aliasOf } from "@/lib/domain/identity";
import { ItemChange } from "@/lib/settings/change/schema";
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
 * Makes a request of one row as a form holds it: read as the row of a file, so that both are told the same. With `keeps` what the
 * row said before goes on until the day before its new first day. Another tax code than the row's own always follows that one.
 * Throws Refusal `not-allowed`; `invalid` where it says what holds already; what `askFor` throws.
 */
export async function askForRow(
  actor: Actor,
  { entityId, table, draft, replaces, was, keeps = false, reason = "" }: MappingRow,
  context: RequestContext = {},
): Promise<Pick<Imported, "id" | "problems">> {
  assertMay(actor, "settings.write", entityId);
  const pool = context.pool ?? ownerPool();
  const read = readMappingFile(table, writeMappingFile(table, [draft]), await namesOf(pool, entityId, draft));
  const problems = [...read.problems, ...(await unknownOrders(pool, entityId, read.orders))];
  const [stated] = read.rows.map((one) => one.change);
  if (problems.length > 0 || stated === undefined) return { id: null, problems };
  const follows = stated.kind === "tax-code" && was !== undefined && stated.taxCode !== was ? was : null;
  const before =
    replaces !== undefined && (keeps || follows !== null)
      ? await keptBefore(pool, entityId, stated, { begins: replaces, taxCode: follows })
      : null;
  if (follows !== null && before === null) return { id: null, problems: [noDayFor(follows)] };
  const changes =
    before !== null
      ? [...before, stated]
      : [replaces !== undefined && isSpanned(stated) ? { ...stated, replaces } : stated];
  const holding = await placesHolding(pool, entityId, changes);
  const isMoved = ({ from }: Readonly<{ from: string | null }>) =>
    before === null && replaces !== undefined && replaces !== (from ?? "beginning");
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

/** Two codes may be right at once: which days are whose must be said. */
const noDayFor = (code: string): FileProblem => ({
  line: 1,
  column: "valid_from",
  what: `From which day does it take the place of ${code}?`,
  advice: `Choose a day after the one on which ${code} begins. To have both at once, add a row.`,
});

/**
 * The row that a later first day would end, as it stands, until the day before: none where it ends before by itself. Null where
 * the new one begins no later, or there is no such row any more. `taxCode`: the code of that row, where the new one has another.
 */
async function keptBefore(
  pool: pg.Pool,
  entityId: string,
  change: MappingChange,
  { begins, taxCode }: Readonly<{ begins: string; taxCode: string | null }>,
): Promise<readonly MappingChange[] | null> {
  if (!isSpanned(change)) return null;
  const { validFrom, replaces: _, ...stated } = change;
  if (validFrom === undefined || (begins !== "beginning" && begins >= validFrom)) return null;
  const of = stated.kind === "tax-code" ? { ...stated, taxCode: taxCode ?? stated.taxCode } : stated;
  const first = begins === "beginning" ? null : begins;
  const [sql, key] = heldAt(of);
  const { rows } = await pool.query<Held>(
    `${sql} AND entity_id = $1 AND valid_from IS NOT DISTINCT FROM $2::date`,
    [entityId, first, ...key],
  );
  const [held] = rows;
  if (!held) return null;
  if (held.until !== null && held.until < validFrom) return [];
  const days = { ...(first !== null && { validFrom: first }), validUntil: addDays(validFrom, -1) };
  switch (of.kind) {
    case "payment":
      return [{ ...of, erpCode: held.says ?? "", ...days }];
    case "reference":
      return [{ ...of, order: held.says, ...days }];
    case "tax-code":
      return [{ ...of, right: held.says === "right", ...days }];
    default:
      return [{ ...of, lineKind: lineKindOf(held.kind), sku: held.says, ...days }];
  }
}

type Held = Readonly<{ says: string | null; kind: string | null; until: Day | null }>;

const lineKindOf = (kind: string | null) => ItemChange.shape.lineKind.parse(kind);

/** The statement that finds what a row of the same says, and the parameters of its place from $3 on. */
function heldAt(of: Omit<Spanned, "validFrom" | "replaces">): readonly [string, readonly string[]] {
  const select = (says: string, table: string, where: string, kind = "NULL") =>
    `SELECT ${says} AS says, ${kind} AS kind, valid_until AS until FROM ${table} WHERE ${where}`;
  const one = of as Spanned;
  switch (one.kind) {
    case "payment":
      return [
        select("erp_code", "payment_mapping", "connection_id = $3 AND shop_id = $4 AND payment_key = $5"),
        [one.connectionId, one.shopId, one.paymentKey],
      ];
    case "reference":
      return [
        select("order_reference", "reference_rule", "connection_id = $3 AND part = $4 AND text = $5"),
        [one.connectionId, one.part, referenceText(one)],
      ];
    case "tax-code":
      return [
        select(
          "CASE WHEN confirmed_at IS NULL THEN 'not' ELSE 'right' END",
          "tax_mapping",
          `ship_to = $3 AND channel = $4 AND rate = $5 AND tax_code = $6
             AND (confirmed_at IS NOT NULL OR confirmed_by IS NOT NULL)`,
        ),
        [one.shipTo, one.channel, one.rate, one.taxCode],
      ];
    default:
      return [
        select("sku", "item_mapping", "erp_kind = $3 AND erp_item = $4 AND erp_variant = $5", "line_kind"),
        [one.erpKind, one.erpItem, one.erpVariant],
      ];
  }
}

/** The names of what an entity has that a file may use; and the channel of a row that is there, which may be listed no more. */
async function namesOf(pool: pg.Pool, entityId: string, row: MappingRow["draft"] = {}): Promise<KnownNames> {
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
    channels: [
      ...of("channel").map(({ id }) => id),
      ...(row["channel"]?.startsWith(ONE_CHANNEL) ? [row["channel"].slice(ONE_CHANNEL.length)] : []),
    ],
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
    if (!isSpanned(change)) return change;
    const own = spans.get(JSON.stringify(keyOf(change)?.slice(1))) ?? [];
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

type Spanned = Extract<MappingChange, { kind: "tax-code" | "item" | "reference" | "payment" }>;
const SPANNED: ReadonlySet<string> = new Set(["tax-code", "item", "reference", "payment"]);
const isSpanned = (change: MappingChange): change is Spanned => SPANNED.has(change.kind);

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
