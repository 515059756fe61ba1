import type pg from "pg";
import { stockDrift } from "@/lib/causes/stock-drift";
import { lockInTransaction } from "@/lib/db/pool";
import { dayIn, monthOf } from "@/lib/domain/day";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { loadDueRules } from "@/lib/matching/due";
import { loadOwnership } from "@/lib/matching/ownership";
import { keepStanding, type Standing } from "@/lib/matching/standing";
import { SETTLED_MILLISECONDS } from "@/lib/sync/store/claims";
import { type ItemRead, readFigures } from "./figures";
import { type Judged, judge } from "./judge";
import { loadStockPolicy, type StockPolicy } from "./policy";
import { explanationOf, matterOf, placeOf, stepsOf } from "./words";

type JudgedItem = Readonly<{ item: ItemRead; judged: Judged; explanation: string }>;

/** The group of its own that an item's exception is kept in: stock is no order's. */
export const stockSubjectKey = (entityId: string, itemKey: string): string =>
  idOf("stock", entityId, itemKey);

/**
 * Reckons the stock of every item of an entity anew, where one side or SCAYLE's orders were read since it was reckoned last, and
 * opens or ends its drifts. What can't be told yet, since SCAYLE's orders are not known up to both moments, stays as it was
 * judged last, with the time of that, and says up to when orders are awaited. `always`: also where nothing was read since; `only`: these items alone, the others stay as they were found. Inside the
 * caller's transaction; twice is once.
 */
export async function keepStockDrift(
  client: pg.PoolClient,
  entityId: string,
  at: Date,
  { always = false, only = null }: Readonly<{ always?: boolean; only?: readonly string[] | null }> = {},
): Promise<Readonly<{ opened: number; resolved: number; items: number }> | null> {
  const until = await readUntil(client, entityId);
  if (until === null || (!always && !(await isNewer(client, entityId, until)))) return null;
  await lockInTransaction(client, `stock:${entityId}`);
  const policy = await loadStockPolicy(client, entityId);
  const items = (await readFigures(client, entityId, policy, only)).map((item): JudgedItem => {
    const judged = judge(item);
    return { item, judged, explanation: explanationOf(item.itemKey, item, judged) };
  });
  const waiting = await keepJudged(client, entityId, items);
  await keepRows(
    client,
    entityId,
    items.filter(({ item }) => !waiting.has(item.itemKey)),
    at,
  );
  if (only === null) await endRound(client, entityId, items, { policy, until, at });
  const kept = await keepExceptions(client, entityId, items, only, at);
  return { ...kept, items: items.length };
}

/** Forgets what is long settled and items that SCAYLE has no more, and notes up to which readings all was reckoned. */
async function endRound(
  client: pg.ClientBase,
  entityId: string,
  items: readonly JudgedItem[],
  { policy, until, at }: Readonly<{ policy: StockPolicy; until: Date; at: Date }>,
): Promise<void> {
  await client.query(
    `DELETE FROM stock_standing s WHERE s.entity_id = $1
        AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS k(item_key) WHERE k.item_key = s.item_key)`,
    [entityId, items.map(({ item }) => item.itemKey)],
  );
  await client.query(
    "DELETE FROM stock_claim WHERE entity_id = $1 AND coalesce(left_at, cancelled_at) < $2",
    [entityId, new Date(at.getTime() - SETTLED_MILLISECONDS)],
  );
  await client.query(
    `INSERT INTO stock_policy (entity_id, warehouses, main_warehouse, moves_on, told_within_minutes, reason, set_at, set_by, judged_until)
     VALUES ($1, $2, $3, $4, $5, '', $6, '', $7) ON CONFLICT (entity_id) DO UPDATE SET judged_until = excluded.judged_until`,
    [entityId, policy.warehouses, policy.main, policy.movesOn, policy.toldWithinMinutes, at, until],
  );
}

/** Up to when the stock of both sides and SCAYLE's orders were read; null where one side has no stock feed. */
async function readUntil(client: pg.ClientBase, entityId: string): Promise<Date | null> {
  const { rows } = await client.query<{ until: Date | null; sides: number }>(
    `SELECT max(r.finished_at) AS until, count(DISTINCT c.side) FILTER (WHERE f.resource = 'stock')::int AS sides
       FROM feed f JOIN connection c ON c.id = f.connection_id
       LEFT JOIN LATERAL (SELECT finished_at FROM run r WHERE r.feed_id = f.id AND r.finished_at IS NOT NULL
                           ORDER BY r.started_at DESC LIMIT 1) r ON true
      WHERE f.entity_id = $1 AND c.retired_at IS NULL AND f.resource IN ('stock', 'orders', 'status')`,
    [entityId],
  );
  return rows[0]?.sides === 2 ? rows[0].until : null;
}

async function isNewer(client: pg.ClientBase, entityId: string, until: Date): Promise<boolean> {
  const { rows } = await client.query<{ judged: Date | null }>(
    "SELECT judged_until AS judged FROM stock_policy WHERE entity_id = $1",
    [entityId],
  );
  const judged = rows[0]?.judged ?? null;
  return judged === null || until > judged;
}

const COLUMNS = `entity_id text, item_key text, erp_item text, name text, on_hand numeric, promised numeric, promised_stated boolean,
  sellable numeric, expected_low numeric, expected_high numeric, drift numeric, at_risk numeric, orders int, without_stock boolean,
  state text, in_flight jsonb, explanation text, erp_at timestamptz, scayle_at timestamptz, orders_at timestamptz, judged_at timestamptz,
  awaits_orders_until timestamptz`;
const NAMES = COLUMNS.split(",").map((column) => column.trim().split(/\s+/)[0] ?? "");
const PAGE = 5_000;

/** The moment up to which SCAYLE's orders have to be known before an item can be judged: the later of its two readings. */
const awaitedOf = ({ erpAt, scayleAt }: ItemRead): Date =>
  erpAt !== null && erpAt > scayleAt ? erpAt : scayleAt;

/** Leaves what was judged before and can't be judged anew yet as it stands, with what it waits for. Returns these items. */
async function keepJudged(
  client: pg.ClientBase,
  entityId: string,
  items: readonly JudgedItem[],
): Promise<ReadonlySet<string>> {
  const waiting = items.filter(({ judged }) => judged.state === "waiting");
  if (waiting.length === 0) return new Set();
  const { rows } = await client.query<{ itemKey: string }>(
    `UPDATE stock_standing s SET awaits_orders_until = k.until FROM unnest($2::text[], $3::timestamptz[]) AS k(item_key, until)
      WHERE s.entity_id = $1 AND s.item_key = k.item_key AND s.state <> 'waiting' RETURNING s.item_key AS "itemKey"`,
    [entityId, waiting.map(({ item }) => item.itemKey), waiting.map(({ item }) => awaitedOf(item))],
  );
  return new Set(rows.map((row) => row.itemKey));
}

async function keepRows(
  client: pg.ClientBase,
  entityId: string,
  items: readonly JudgedItem[],
  at: Date,
): Promise<void> {
  const set = NAMES.filter((name) => name !== "entity_id" && name !== "item_key");
  for (let first = 0; first < items.length; first += PAGE) {
    const rows = items.slice(first, first + PAGE).map(({ item, judged, explanation }) => ({
      entity_id: entityId,
      item_key: item.itemKey,
      erp_item: item.erpItem,
      name: item.name,
      on_hand: item.onHand,
      promised: judged.promised,
      promised_stated: item.reserved !== null,
      sellable: item.sellable,
      expected_low: judged.low,
      expected_high: judged.high,
      drift: judged.drift,
      at_risk: judged.atRisk,
      orders: item.orders,
      without_stock: item.withoutStock,
      state: judged.state,
      in_flight: judged.inFlight,
      explanation,
      erp_at: item.erpAt,
      scayle_at: item.scayleAt,
      orders_at: item.ordersAt,
      judged_at: at,
      awaits_orders_until: judged.state === "waiting" ? awaitedOf(item) : null,
    }));
    await client.query(
      `INSERT INTO stock_standing (${NAMES.join(", ")}) SELECT ${NAMES.join(", ")} FROM json_to_recordset($1::json) AS r(${COLUMNS})
       ON CONFLICT (entity_id, item_key) DO UPDATE SET ${set.map((name) => `${name} = excluded.${name}`).join(", ")}`,
      [toJson(rows)],
    );
  }
}

async function keepExceptions(
  client: pg.PoolClient,
  entityId: string,
  items: readonly JudgedItem[],
  only: readonly string[] | null,
  at: Date,
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const { rows } = await client.query<{ currency: string; timeZone: string; runId: string | null }>(
    `SELECT currency, time_zone AS "timeZone", (SELECT id FROM run WHERE entity_id = $1 ORDER BY started_at DESC, id LIMIT 1) AS "runId"
       FROM entity WHERE id = $1`,
    [entityId],
  );
  const entity = rows[0] ?? { currency: "EUR", timeZone: "UTC", runId: null };
  const held = await heldDrifts(client, entityId);
  const ownership = await loadOwnership(client, entityId);
  const standing = (itemKey: string, { explanation, steps, basis, about, matter }: Drift): Standing => ({
    orderKey: stockSubjectKey(entityId, itemKey),
    subject: `stock ${itemKey}`,
    documentKind: "sale",
    orderReference: null,
    documentNumber: itemKey,
    period: monthOf(dayIn(at, entity.timeZone)),
    currency: entity.currency,
    signature: "SCAYLE sells what the ERP doesn’t have, or not what it has",
    explanation,
    steps,
    // The same figures of newer readings are another reckoning: without this its steps would stay those of the first.
    ...(basis === null ? {} : { basis }),
    // It is about pieces: how much money that is shows once one of them is sold and not there.
    worth: 0n,
    about: about ?? itemKey,
    matter,
  });
  const found = items.flatMap(({ item, judged, explanation }): readonly Standing[] => {
    const { itemKey, erpAt, scayleAt } = item;
    const before = held.get(itemKey);
    if (judged.state === "drifting")
      return [
        standing(itemKey, {
          explanation,
          steps: stepsOf(item, judged, { erp: erpAt, scayle: scayleAt, timeZone: entity.timeZone }),
          basis: idOf("stock reckoned", erpAt?.toISOString() ?? "", scayleAt.toISOString()),
          about: placeOf(itemKey, item.warehouses),
          matter: matterOf(judged),
        }),
      ];
    // What can't be told at this moment was not put right by that.
    return before && (judged.state === "waiting" || judged.state === "unknown")
      ? [standing(itemKey, before)]
      : [];
  });
  const asked = new Set(only);
  const others = only === null ? [] : [...held].filter(([itemKey]) => !asked.has(itemKey));
  return keepStanding(
    client,
    entityId,
    {
      cause: stockDrift,
      ownerTeam: ownership(stockDrift.code, null),
      cleared: "SCAYLE sells what the ERP has, less what is promised and in flight.",
    },
    [...found, ...others.map(([itemKey, before]) => standing(itemKey, before))],
    {
      at,
      runId: entity.runId ?? idOf("no run", entityId),
      timeZone: entity.timeZone,
      due: await loadDueRules(client, entityId),
    },
  );
}

type Drift = Readonly<{
  explanation: string;
  steps: readonly string[];
  /** of which readings it is */
  basis: string | null;
  /** the item and where SCAYLE sells it, and how far it is off */
  about: string | null;
  matter: string | null;
}>;

/** The drifts that are open, by item. */
async function heldDrifts(client: pg.ClientBase, entityId: string): Promise<ReadonlyMap<string, Drift>> {
  const { rows } = await client.query<Drift & { itemKey: string }>(
    `SELECT document_number AS "itemKey", explanation, coalesce(evidence -> 'steps', '[]') AS steps,
            evidence ->> 'basis' AS basis, about, matter FROM exception
      WHERE entity_id = $1 AND cause = $2 AND state <> 'resolved'`,
    [entityId, stockDrift.code],
  );
  return new Map(rows.map((row) => [row.itemKey, row]));
}
