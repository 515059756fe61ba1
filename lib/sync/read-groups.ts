import type pg from "pg";
import type { LedgerSource, OrderSource, Reading } from "@/lib/connectors/contract";
import { faultOf } from "@/lib/connectors/fault";
import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import { type FeedReport, type FeedRun, type RunSurroundings, runFeed } from "./feed-run";
import { type Feed, openLedger, openOrders } from "./feeds";
import { keepGoneOrder, withdrawDocument } from "./gone";
import { isOfOneRecord, storeAlone } from "./readers";
import { NOTHING_STORED } from "./store/context";
import { storeInvoices } from "./store/invoices";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

const NAMELESS = "It names no order and no document, so there is nothing to ask the systems for.";

/** Requests at the same time; the client holds the sources' limits. */
const AT_ONCE = 4;

/** Which groups of an entity are read again, and by which of its feeds. */
export type AskedGroups = Readonly<{
  entityId: string;
  feeds: readonly Feed[];
  orderKeys: readonly string[];
  /** what is asked for where no group is held: the sources may know it */
  stranger?: Stranger;
}>;

/** Something of which nothing is held, as the sources can be asked for it. */
export type Stranger = Pick<Group, "order" | "names" | "documents">;

/** What is told while groups are read; either may throw, which ends a feed's reading or all of it. */
export type GroupEvents = Readonly<{
  /** one record's fault; the others go on */
  onFault: (orderKey: string, error: Error) => void;
  /** a feed was read, or could not be */
  onReport: (report: FeedReport) => void;
}>;

/**
 * Reads some groups again: their orders from SCAYLE (through its list, where it can be asked for ids), the ERP documents
 * that carry one of their names or are held of them, then their invoice lists. What a source no longer has is kept as
 * gone. No watermark moves. Returns the groups that something was stored in: those asked for, and where their documents
 * are now.
 */
export async function readGroups(
  { entityId, feeds, orderKeys, stranger }: AskedGroups,
  scope: Readonly<{ order: string; resync?: string }>,
  surroundings: RunSurroundings,
  { onFault, onReport }: GroupEvents,
): Promise<readonly string[]> {
  const { pool } = surroundings;
  const touched = new Set<string>();
  const visit = async (feed: Feed, groups: readonly Group[], read: Reader): Promise<void> => {
    if (groups.length === 0) return;
    const { report, orderKeys: stored } = await runFeed(
      feed,
      { kind: "sync", scope },
      surroundings,
      async (run) => {
        await read(run, groups, onFault);
        return null;
      },
    );
    for (const key of stored) touched.add(key);
    onReport(report);
  };
  const unknown: readonly Group[] = stranger === undefined ? [] : [{ orderKey: "", ...stranger }];

  const asked = [...(await groupsOf(pool, entityId, orderKeys)), ...unknown];
  for (const { orderKey } of asked.filter(isNameless)) {
    onFault(orderKey, new Refusal("invalid", NAMELESS));
  }
  for (const feed of feeds.filter((one) => one.resource === "orders")) {
    const mine = asked.filter(({ order, names }) =>
      order === null
        ? names.length > 0
        : order.connectionId === feed.connectionId && (order.shop ?? feed.shop) === feed.shop,
    );
    await visit(feed, mine, readOrdersAgain);
  }
  // An order may have other names now, or an ERP document its order.
  const found = await groupsOf(pool, entityId, [...new Set([...orderKeys, ...touched])]);
  const known = found.length > 0 ? found : unknown;
  for (const feed of feeds.filter((one) => one.resource === "ledger-documents")) {
    const mine = known.filter(
      ({ names, documents }) =>
        names.length > 0 || documents.some((one) => one.connectionId === feed.connectionId),
    );
    await visit(feed, mine, readDocumentsAgain);
  }
  for (const feed of feeds.filter((one) => one.resource === "invoices")) {
    const mine = known.filter(
      ({ order }) =>
        order !== null &&
        order.connectionId === feed.connectionId &&
        order.invoicesEnabled &&
        order.shop !== null,
    );
    await visit(feed, mine, readListsAgain);
  }
  return [...touched];
}

type Held = Readonly<{
  connectionId: string;
  /** null: it could never be read, so it may be of either kind */
  kind: DocumentKind | null;
  sourceId: string;
}>;

/** A group and what the sources can be asked of it. */
type Group = Readonly<{
  orderKey: string;
  order: Readonly<{
    connectionId: string;
    sourceId: string;
    /** null: it could never be read, so its shop is not known */
    shop: string | null;
    /** whether there may be an invoice list of it: none is made in its channel, or asked for of an order that is gone */
    invoicesEnabled: boolean;
  }> | null;
  names: readonly string[];
  documents: readonly Held[];
}>;

const isNameless = ({ order, names, documents }: Group): boolean =>
  order === null && names.length === 0 && documents.length === 0;

type Reader = (run: FeedRun, groups: readonly Group[], onFault: GroupEvents["onFault"]) => Promise<void>;

async function readOrdersAgain(run: FeedRun, groups: readonly Group[], onFault: GroupEvents["onFault"]) {
  const source = openOrders(run.feed, run.io);
  const shop = run.feed.shop ?? "";
  const ids = groups.flatMap(({ order }) => (order ? [order.sourceId] : []));
  const listed = ids.length > 1 && source.ordersById ? await source.ordersById(shop, ids) : [];
  const bySource = new Map(listed.map((reading) => [reading.sourceId, reading]));
  const fetched = await each(groups, onFault, async ({ order, names }) => {
    if (order === null) return orderNamed(source, shop, names);
    return bySource.get(order.sourceId) ?? (await source.order(shop, { id: order.sourceId }));
  });
  for (const [{ order }, reading] of fetched) {
    if (reading) await storeAlone(run, storeOrders, reading);
    else if (order) {
      await run.store((client, context) =>
        keepGoneOrder(client, context, { sourceId: order.sourceId, reference: null }),
      );
    }
  }
}

async function orderNamed(
  source: OrderSource,
  shop: string,
  names: readonly string[],
): Promise<Reading<SalesOrder> | null> {
  for (const reference of names) {
    const reading = await source.order(shop, { reference });
    if (reading) return reading;
  }
  return null;
}

async function readDocumentsAgain(run: FeedRun, groups: readonly Group[], onFault: GroupEvents["onFault"]) {
  const source = openLedger(run.feed, run.io);
  const fetched = await each(groups, onFault, async ({ names, documents }) => {
    const readings = new Map<string, Reading<BookDocument>>();
    for (const name of names) {
      for (const reading of await source.documentsOf(name)) readings.set(reading.sourceId, reading);
    }
    const held = documents.filter(
      (one) => one.connectionId === run.feed.connectionId && !readings.has(one.sourceId),
    );
    return { readings: [...readings.values()], others: await othersOf(source, held) };
  });
  for (const [, { readings, others }] of fetched) {
    for (const reading of [...readings, ...others.found]) await storeAlone(run, storeLedger, reading);
    for (const held of others.gone) {
      await run.store((client, context) => withdrawDocument(client, context, held));
    }
  }
}

/** Documents that are held of a group and did not come by its names: asked for by their ids, where the source can. */
async function othersOf(source: LedgerSource, held: readonly Held[]) {
  const found: Reading<BookDocument>[] = [];
  const gone: Readonly<{ kind: DocumentKind; sourceId: string }>[] = [];
  if (!source.document) return { found, gone };
  for (const { kind, sourceId } of held) {
    for (const asked of kind === null ? KINDS : [kind]) {
      const reading = await source.document(asked, sourceId);
      if (reading) found.push(reading);
      else if (kind !== null) gone.push({ kind, sourceId });
    }
  }
  return { found, gone };
}
const KINDS = ["sale", "credit"] as const;

async function readListsAgain(run: FeedRun, groups: readonly Group[], onFault: GroupEvents["onFault"]) {
  const source = openOrders(run.feed, run.io);
  const fetched = await each(groups, onFault, async ({ order }): Promise<List> => {
    const isListed = order !== null && order.shop !== null;
    return isListed ? source.invoices(order.shop ?? "", order.sourceId) : null;
  });
  for (const [{ orderKey }, reading] of fetched) {
    await run.store(async (client, context) =>
      reading === null ? NOTHING_STORED : storeInvoices(client, context, [{ orderKey, reading }]),
    );
  }
}
type List = Reading<readonly OrderInvoice[]> | null;

/** Asks for each group, some at a time. One record's fault is told of its group; another one ends the reading. */
async function each<T>(
  groups: readonly Group[],
  onFault: GroupEvents["onFault"],
  ask: (group: Group) => Promise<T>,
): Promise<readonly (readonly [Group, T])[]> {
  const fetched: (readonly [Group, T])[] = [];
  for (let first = 0; first < groups.length; first += AT_ONCE) {
    const some = groups.slice(first, first + AT_ONCE);
    const answers = await Promise.all(
      some.map(async (group): Promise<readonly (readonly [Group, T])[]> => {
        try {
          return [[group, await ask(group)]];
        } catch (error) {
          const fault = faultOf(error);
          if (!fault || !(error instanceof Error) || !isOfOneRecord(fault)) throw error;
          onFault(group.orderKey, error);
          return [];
        }
      }),
    );
    fetched.push(...answers.flat());
  }
  return fetched;
}

/** What the sources can be asked of some groups: their orders' ids, every name, the ERP documents that are held. */
async function groupsOf(
  pool: pg.Pool,
  entityId: string,
  orderKeys: readonly string[],
): Promise<readonly Group[]> {
  const { rows } = await pool.query<Group>(
    `SELECT k.key AS "orderKey",
       coalesce(
         (SELECT json_build_object('connectionId', o.connection_id, 'sourceId', o.source_id, 'shop', o.content ->> 'shop',
                   'invoicesEnabled', coalesce(c.invoices_enabled, true)
                     AND NOT EXISTS (SELECT FROM failed_record g WHERE g.order_key = o.order_key AND g.resource = 'orders'
                                        AND g.resolved_at IS NULL AND g.gone_at IS NOT NULL))
            FROM sales_order o LEFT JOIN channel c ON c.connection_id = o.connection_id AND c.key = o.channel
           WHERE o.order_key = k.key AND o.entity_id = $1),
         (SELECT json_build_object('connectionId', f.connection_id, 'sourceId', f.source_id,
                   'shop', (SELECT s.shop_key || '/' || s.country_code FROM feed x JOIN shop s ON s.id = x.shop_id WHERE x.id = f.feed_id),
                   'invoicesEnabled', false)
            FROM failed_record f WHERE f.order_key = k.key AND f.entity_id = $1 AND f.resource = 'orders'
             AND f.resolved_at IS NULL AND f.source_id <> '' LIMIT 1)) AS "order",
       ARRAY(
         SELECT DISTINCT name FROM (
           SELECT unnest(ARRAY[o.reference, o.public_key, o.source_id]) AS name FROM sales_order o
            WHERE o.order_key = k.key AND o.entity_id = $1
           UNION ALL SELECT d.reference FROM document d WHERE d.order_key = k.key AND d.entity_id = $1 AND d.side = 'erp'
           UNION ALL SELECT coalesce(f.reference, f.source_id) FROM failed_record f
            WHERE f.order_key = k.key AND f.entity_id = $1 AND f.resolved_at IS NULL) AS named
          WHERE btrim(name) <> '' ORDER BY name) AS names,
       coalesce((SELECT json_agg(json_build_object('connectionId', h.connection_id, 'kind', h.kind, 'sourceId', h.source_id) ORDER BY h.id)
                   FROM (SELECT d.id, d.connection_id, d.kind, d.source_id FROM document d
                          WHERE d.order_key = k.key AND d.entity_id = $1 AND d.side = 'erp'
                         UNION ALL SELECT f.id, f.connection_id, NULL, f.source_id FROM failed_record f
                          WHERE f.order_key = k.key AND f.entity_id = $1 AND f.resource = 'ledger-documents' AND f.resolved_at IS NULL
                            AND NOT EXISTS (SELECT FROM document o WHERE o.order_key = f.order_key AND o.connection_id = f.connection_id
                                               AND o.source_id = f.source_id)) AS h), '[]') AS documents
     FROM unnest($2::uuid[]) AS k(key) ORDER BY 1`,
    [entityId, [...orderKeys]],
  );
  return rows;
}
