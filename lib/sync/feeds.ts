import type pg from "pg";
import type { Io, LedgerSource, OrderSource } from "@/lib/connectors/contract";
import { ledgerConnectors, scayleConnector } from "@/lib/connectors/registry";
import type { StockSource } from "@/lib/connectors/stock";
import { Refusal } from "@/lib/domain/faults";
import type { RecognitionPolicy } from "@/lib/domain/recognition";
import { openSecret } from "@/lib/settings/secrets";
import { SYSTEM_RESOURCES } from "./resources";

/** A feed of a connection in use, as a sync needs it. */
export type Feed = Readonly<{
  id: string;
  resource: string;
  /** live | financial */
  lane: string;
  /** the feed whose records these are: a status feed reads the orders of its shop's own feed */
  storesAs: string;
  entityId: string;
  connectionId: string;
  connectionKind: string;
  /** shopKey/countryCode, on feeds of one shop */
  shop: string | null;
  watermark: Date | null;
  intervalSeconds: number;
  overlapSeconds: number;
  stretch: number;
  /** where an unfinished reading came to, as its reader left it */
  position: unknown;
  policy: RecognitionPolicy;
  connection: Readonly<{ settings: unknown; secret: Buffer | null }>;
}>;

type Row = Readonly<{
  id: string;
  resource: string;
  lane: string;
  stores_as: string | null;
  entity_id: string;
  connection_id: string;
  kind: string;
  shop: string | null;
  watermark: Date | null;
  interval_seconds: number;
  overlap_seconds: number;
  stretch: number;
  position: unknown;
  time_zone: string;
  sale_recognition: RecognitionPolicy["recognition"];
  shipping_refund: RecognitionPolicy["shippingRefund"];
  settings: unknown;
  secret: Buffer | null;
}>;

/** The feeds of live entities, of one of them, or one feed; SCAYLE's orders first, the live lane last. */
export async function loadFeeds(
  pool: pg.Pool,
  wanted: Readonly<{ entityId?: string | undefined; feedId?: string | undefined }>,
): Promise<readonly Feed[]> {
  const { rows } = await pool.query<Row>(
    `SELECT f.id, f.resource, f.lane, o.id AS stores_as, f.entity_id, f.connection_id, c.kind, f.watermark, f.interval_seconds, f.overlap_seconds, f.stretch, f.position, e.time_zone, e.sale_recognition,
       e.shipping_refund, c.settings, c.secret, s.shop_key || '/' || s.country_code AS shop
     FROM feed f JOIN connection c ON c.id = f.connection_id JOIN entity e ON e.id = f.entity_id
       LEFT JOIN shop s ON s.id = f.shop_id
       LEFT JOIN feed o ON f.resource = 'status' AND o.resource = 'orders' AND o.connection_id = f.connection_id AND o.shop_id = f.shop_id
     WHERE c.retired_at IS NULL AND e.retired_at IS NULL
       AND ($1::text IS NULL OR f.entity_id = $1) AND ($2::text IS NULL OR f.id = $2)
     ORDER BY f.entity_id, array_position($3::text[], f.resource), f.id`,
    [wanted.entityId ?? null, wanted.feedId ?? null, [...SYSTEM_RESOURCES]],
  );
  return rows.map((row) => ({
    id: row.id,
    resource: row.resource,
    lane: row.lane,
    storesAs: row.stores_as ?? row.id,
    entityId: row.entity_id,
    connectionId: row.connection_id,
    connectionKind: row.kind,
    shop: row.shop,
    watermark: row.watermark,
    intervalSeconds: row.interval_seconds,
    overlapSeconds: row.overlap_seconds,
    stretch: row.stretch,
    position: row.position,
    policy: {
      recognition: row.sale_recognition,
      timeZone: row.time_zone,
      shippingRefund: row.shipping_refund,
    },
    connection: { settings: row.settings, secret: row.secret },
  }));
}

/** The store's side behind a feed. Throws Refusal when the feed has none or its credentials can't be opened. */
export function openOrders(feed: Feed, io: Io): OrderSource {
  if (feed.connectionKind !== scayleConnector.kind) {
    throw new Refusal("invalid", `The feed ${feed.id} does not read from SCAYLE.`);
  }
  const settings = scayleConnector.settings.parse(feed.connection.settings);
  const secret = scayleConnector.secret.parse(secretOf(feed));
  return scayleConnector.open(settings, secret, io);
}

/** The ERP's side behind a feed. Throws Refusal when the feed has none or its credentials can't be opened. */
export function openLedger(feed: Feed, io: Io): LedgerSource {
  const connector = ledgerConnectors.get(feed.connectionKind);
  if (!connector) throw new Refusal("invalid", `The feed ${feed.id} does not read from an ERP.`);
  return connector.openKept(feed.connection.settings, secretOf(feed), io);
}

/** The stock behind a feed, of either side. Throws Refusal when its system says none, or its credentials can't be opened. */
export function openStock(feed: Feed, io: Io): StockSource {
  const source = feed.connectionKind === scayleConnector.kind ? openOrders(feed, io) : openLedger(feed, io);
  if (!source.stock) throw new Refusal("invalid", `The system behind ${feed.id} says nothing of its stock.`);
  return source.stock;
}

function secretOf(feed: Feed): unknown {
  if (feed.connection.secret === null) {
    throw new Refusal("unavailable", `The connection of ${feed.id} has no credentials. Connect again.`);
  }
  return openSecret(feed.connectionId, feed.connection.secret);
}
