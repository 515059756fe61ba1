import type pg from "pg";
import { verifyChain } from "@/lib/audit/verify";
import { runInvariants } from "@/lib/matching/invariants/run";
import { makeStock, onHand } from "@/lib/sandbox/stock";
import { documentsAt, ENTITY, ordersAt, type Source } from "./source";

type Row = Readonly<Record<string, unknown>>;

/** What of the source is not here, or not in its newest version, and what is here more than once or should not be. */
export type Comparison = Readonly<{
  /** ids */
  lost: readonly string[];
  duplicates: readonly string[];
  wrong: readonly string[];
}>;

type HeldOrder = Readonly<{ id: string; modified: number; failed: boolean }>;
type HeldDocument = Readonly<{
  id: string;
  modified: number;
  posted: boolean;
  lines: number;
  gross: bigint | null;
}>;

const FROM_FILE = "connection_id IN (SELECT connection_id FROM feed WHERE resource = 'file')";

/** Compares the books with the source as it is at an instant, record by record. */
export async function compare(admin: pg.Pool, source: Source, at: number): Promise<Comparison> {
  const orders = await admin.query<HeldOrder>(
    `SELECT source_id AS id, (extract(epoch FROM modified_at) * 1000)::float8 AS modified, false AS failed
       FROM sales_order WHERE entity_id = $1 AND NOT ${FROM_FILE}
     UNION ALL
     SELECT f.source_id, (extract(epoch FROM (SELECT max(modified_at) FROM source_record r
              WHERE r.connection_id = f.connection_id AND r.resource = f.resource AND r.source_id = f.source_id)) * 1000)::float8, true
       FROM failed_record f WHERE f.entity_id = $1 AND f.resource = 'orders' AND f.resolved_at IS NULL`,
    [ENTITY],
  );
  const documents = await admin.query<HeldDocument>(
    `SELECT d.source_id AS id, (extract(epoch FROM d.modified_at) * 1000)::float8 AS modified, d.posted,
            (SELECT count(*)::int FROM line l WHERE l.order_key = d.order_key AND l.document_id = d.id) AS lines,
            (SELECT sum(l.gross)::bigint FROM line l WHERE l.order_key = d.order_key AND l.document_id = d.id) AS gross
       FROM document d WHERE d.entity_id = $1 AND d.side = 'erp' AND NOT ${FROM_FILE}`,
    [ENTITY],
  );
  const lost: string[] = [];
  const wrong: string[] = [];
  for (const one of ordersAt(source, at)) {
    const held = orders.rows.find((row) => row.id === one.id);
    if (!held || held.modified < one.modifiedAt) lost.push(one.id);
    else if (held.modified > one.modifiedAt) wrong.push(`order ${one.id} is newer here than at its source`);
    else if (held.failed === one.readable) wrong.push(`order ${one.id} was ${held.failed ? "not " : ""}read`);
  }
  for (const one of documentsAt(source, at)) {
    const held = documents.rows.find((row) => row.id === one.id);
    if (!held || held.modified < one.modifiedAt) lost.push(one.id);
    else if (held.posted !== one.posted || held.lines !== one.lines || (held.gross ?? 0n) !== one.gross)
      wrong.push(`document ${one.id} differs from its source`);
  }
  wrong.push(...(await stockUnlike(admin, source, at)));
  const known = new Set([...ordersAt(source, at), ...documentsAt(source, at)].map((one) => one.id));
  const ids = [...orders.rows, ...documents.rows].map((row) => row.id);
  wrong.push(...ids.filter((id) => !known.has(id)).map((id) => `${id} is not at its source`));
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  return { lost, duplicates: [...twice, ...(await doubled(admin))], wrong };
}

/** Where the stock that is held is not what its source has: of each variant that an order named, and of each item of the ERP. */
async function stockUnlike(
  admin: pg.Pool,
  { world, orders }: Source,
  at: number,
): Promise<readonly string[]> {
  const { rows } = await admin.query<{ place: string; quantity: string }>(
    `SELECT concat_ws(' ', item_key, measure, nullif(warehouse, '')) AS place, trim_scale(quantity)::text AS quantity
       FROM stock_level WHERE entity_id = $1`,
    [ENTITY],
  );
  const held = new Map(rows.map((row) => [row.place, row.quantity]));
  const stockOf = makeStock(world, []);
  const named = new Set(
    orders
      .filter((order) => order.createdAt <= at && !order.broken)
      .flatMap((order) => order.units.map((unit) => unit.variant.sku)),
  );
  return world.catalogue.flatMap((variant) => {
    const levels = stockOf(variant, at);
    const expected = [
      [`${variant.sku} on-hand`, String(onHand(levels, ENTITY))] as const,
      ...(named.has(variant.sku)
        ? levels.map(
            ({ warehouse, quantity }) =>
              [`${variant.sku} sellable ${warehouse.referenceKey}`, String(quantity)] as const,
          )
        : []),
    ];
    return expected
      .filter(([place, quantity]) => held.get(place) !== quantity)
      .map(
        ([place, quantity]) =>
          `stock ${place} is ${held.get(place) ?? "unknown"}, and ${quantity} at its source`,
      );
  });
}

/** Records that a table has twice although they are one. */
async function doubled(admin: pg.Pool): Promise<readonly string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `SELECT 'version ' || source_id AS id FROM source_record GROUP BY connection_id, resource, source_id, content_hash, modified_at
       HAVING count(*) > 1
     UNION ALL SELECT 'document ' || id FROM document GROUP BY id HAVING count(*) > 1
     UNION ALL SELECT 'line ' || id FROM line GROUP BY id HAVING count(*) > 1
     UNION ALL SELECT 'webhook ' || event_key FROM webhook_event GROUP BY event_key HAVING count(*) > 1`,
  );
  return rows.map((row) => row.id);
}

/** What must be so once the faults have stopped and everything was read, apart from the records themselves. */
export async function unsettled(admin: pg.Pool, accepted: ReadonlySet<string>): Promise<readonly string[]> {
  const say = async (sql: string, values: readonly unknown[] = []): Promise<string[]> =>
    (await admin.query<{ words: string }>(sql, [...values])).rows.map((row) => row.words);
  const kept = await say("SELECT event_key AS words FROM webhook_event");
  const invariants = await runInvariants(admin, ENTITY, { scoped: false, deep: true });
  const chain = await verifyChain(ENTITY, admin);
  return [
    ...(await say(
      "SELECT 'a run is ' || state || ': ' || kind || ' of ' || coalesce(feed_id, '') AS words FROM run WHERE state IN ('running', 'waiting')",
    )),
    ...(await say(
      "SELECT 'a webhook is ' || state || ': ' || event_key AS words FROM webhook_event WHERE state NOT IN ('done', 'kept', 'refused')",
    )),
    ...[...accepted]
      .filter((key) => !kept.includes(key))
      .map((key) => `the webhook ${key} was accepted and lost`),
    ...(await say("SELECT 'a group is still to be reconciled: ' || order_key AS words FROM dirty_group")),
    ...(await say(
      `SELECT id || ' stands at ' || coalesce(watermark::text, 'nothing') || coalesce(', held: ' || held_reason, '') || coalesce(', at ' || position::text, '') AS words
         FROM feed WHERE entity_id = $1 AND resource IN ('orders', 'ledger-documents', 'status', 'stock')
          AND (confirmed_until IS NULL OR held_at IS NOT NULL OR position IS NOT NULL)`,
      [ENTITY],
    )),
    ...(await say(
      `SELECT 'runs that are done and their audit records differ: ' || kind AS words FROM (
         SELECT kind, count(*) FILTER (WHERE state = 'done') AS done,
                (SELECT count(*) FROM audit_event a WHERE a.action = 'run.' || r.kind AND (a.after ->> 'state' = 'done' OR r.kind = 'reconcile')) AS audited
           FROM run r WHERE kind IN ('sync', 'backfill', 'reconcile') GROUP BY kind) k WHERE done <> audited`,
    )),
    ...(await say(
      `SELECT 'a lock is still held: ' || l.pid AS words FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database()`,
    )),
    ...invariants
      .filter((one) => one.rows > 0)
      .map((one) => `${one.rows} breaches of "${one.sentence}": ${one.examples[0]}`),
    ...(chain.intact ? [] : [`the audit trail is broken: ${chain.why}`]),
  ];
}

/**
 * What a table says of when and how often something was seen, from which of equal versions it was derived, whether an
 * invoice list was fetched that does not matter, and whom a cause's predecessor was given to: that differs by the way,
 * not by the outcome.
 */
const byTheWay = (
  also: string,
): string => `ARRAY['run_id', 'last_run_id', 'seen_at', 'checked_at', 'invoices_at', 'version', 'first_seen_at', 'last_seen_at',
  'resolved_at', 'since', 'predecessor_id', 'due', 'due_why', 'escalated_at', 'escalated_to_id', 'owner_team', 'assignee_id', 'invoices'${also}]`;

const OUTCOME: Readonly<Record<string, string>> = {
  sales_order: "true",
  order_alias: "true",
  document: "true",
  line: "true",
  fetch_control: "true",
  control_remainder: "true",
  failed_record: "resolved_at IS NULL",
  pair: "true",
  cause: "true",
  // A sum that came and went leaves a row of nothing.
  tally: "(count, hash, scayle_lines, erp_lines) IS DISTINCT FROM (0, 0, 0, 0)",
  exception: "state <> 'resolved'",
};

/** The books and what was made of them, as texts that are equal where the outcome is. */
export async function outcomeOf(admin: pg.Pool): Promise<ReadonlyMap<string, readonly string[]>> {
  const outcome = new Map<string, readonly string[]>();
  for (const [table, where] of Object.entries(OUTCOME)) {
    const { rows } = await admin.query<Row & { text: string }>(
      `SELECT (to_jsonb(t) - ${byTheWay(table === "document" ? ", 'source_record_id'" : "")})::text AS text FROM ${table} t WHERE ${where} ORDER BY 1`,
    );
    outcome.set(
      table,
      rows.map((row) => row.text),
    );
  }
  return outcome;
}

/** Where two outcomes differ, in words: rows by their identity, columns by name; at most five per table. */
export function differences(
  one: ReadonlyMap<string, readonly string[]>,
  other: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return [...one].flatMap(([table, texts]) => {
    const mine = byIdentity(texts.filter((text) => !other.get(table)?.includes(text)));
    const theirs = byIdentity((other.get(table) ?? []).filter((text) => !texts.includes(text)));
    const said = [...new Set([...mine.keys(), ...theirs.keys()])].map((id) =>
      differenceOf(mine.get(id), theirs.get(id)).replace(/^/, `${table} ${id}: `),
    );
    return said.slice(0, 5);
  });
}

function byIdentity(texts: readonly string[]): ReadonlyMap<string, Row> {
  const rows = texts.map((text) => JSON.parse(text) as Row);
  const names = ["order_key", "id", "source_id", "kind", "key", "alias", "period"];
  return new Map(rows.map((row) => [names.flatMap((name) => row[name] ?? []).join(" "), row]));
}

function differenceOf(mine: Row | undefined, theirs: Row | undefined): string {
  if (!mine) return "only where nothing went wrong";
  if (!theirs) return "only after the faults";
  const columns = Object.keys(mine).filter(
    (name) => JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]),
  );
  return columns
    .map((name) => {
      const [here, there] = [JSON.stringify(mine[name]), JSON.stringify(theirs[name])];
      let same = 0;
      while (here[same] !== undefined && here[same] === there[same]) same += 1;
      const from = Math.max(0, same - 60);
      return `${name} is …${here.slice(from, same + 60)}…, and …${there.slice(from, same + 60)}… where nothing went wrong`;
    })
    .join("; ");
}
