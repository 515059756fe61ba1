import type pg from "pg";
import { stockDrift } from "@/lib/causes/stock-drift";
import { inTransaction } from "@/lib/db/pool";
import { runFeed } from "@/lib/sync/feed-run";
import { type Feed, loadFeeds, openStock } from "@/lib/sync/feeds";
import { readItems } from "@/lib/sync/read-stock";
import { runSync, type SyncContext, surroundingsOf } from "@/lib/sync/run";
import { patiently } from "@/lib/sync/run-patiently";
import { keepStockDrift } from "./keep";

/** Items asked for together. */
const PAGE = 64;

/** What reading the stock of some exceptions again came to. */
export type StockReadBack = Readonly<{
  /** those of the keys that are about stock */
  keys: ReadonlySet<string>;
  problems: ReadonlyMap<string, readonly string[]>;
  broken: readonly string[];
}>;

/**
 * Reads the items again that some exceptions are about: SCAYLE's, then the ERP's, so that nothing of what was pushed counts as moved
 * since the snapshot; then what changed of SCAYLE's orders, so that they are known up to both moments; and reckons these items anew.
 */
export async function readStockBack(
  entityId: string,
  orderKeys: readonly string[],
  context: SyncContext & Readonly<{ pool: pg.Pool }>,
): Promise<StockReadBack> {
  const { rows } = await context.pool.query<{ key: string; itemKey: string; erpItem: string | null }>(
    `SELECT e.order_key AS key, e.document_number AS "itemKey", s.erp_item AS "erpItem" FROM exception e
       LEFT JOIN stock_standing s ON s.entity_id = e.entity_id AND s.item_key = e.document_number
      WHERE e.entity_id = $1 AND e.cause = $2 AND e.order_key = ANY ($3::uuid[]) ORDER BY e.document_number`,
    [entityId, stockDrift.code, orderKeys],
  );
  const keys = new Set(rows.map((row) => row.key));
  if (rows.length === 0) return { keys, problems: new Map(), broken: [] };
  const feeds = await loadFeeds(context.pool, { entityId });
  const sides = feeds.filter((feed) => feed.resource === "stock");
  const isScayle = (feed: Feed): boolean => feed.connectionKind === "scayle";
  const broken: string[] = [];
  const refused = new Map<string, string[]>();
  for (const feed of [...sides].sort((a, b) => Number(isScayle(b)) - Number(isScayle(a)))) {
    const asked = rows.flatMap((row) => (isScayle(feed) ? [row.itemKey] : row.erpItem ? [row.erpItem] : []));
    const failed = await readAgain(feed, [...new Set(asked)], context);
    if (failed.error !== null) broken.push(failed.error);
    for (const row of rows)
      if (failed.refused.has(isScayle(feed) ? row.itemKey : (row.erpItem ?? "")))
        refused.set(row.key, [
          ...(refused.get(row.key) ?? []),
          `The stock of ${row.itemKey} could not be read.`,
        ]);
  }
  broken.push(...(await readOrdersAgain(feeds, context)));
  await inTransaction(context.pool, (client) =>
    keepStockDrift(client, entityId, context.now(), {
      always: true,
      only: rows.map((row) => row.itemKey),
    }),
  );
  return { keys, problems: refused, broken };
}

async function readAgain(
  feed: Feed,
  itemKeys: readonly string[],
  context: SyncContext,
): Promise<Readonly<{ error: string | null; refused: ReadonlySet<string> }>> {
  const refused = new Set<string>();
  if (itemKeys.length === 0) return { error: null, refused };
  const surroundings = surroundingsOf(context);
  const plan = { kind: "sync", scope: { items: "of a resolution", named: itemKeys.length } } as const;
  const { report } = await patiently(
    () =>
      runFeed(feed, plan, surroundings, async (run) => {
        const source = openStock(feed, run.io);
        for (let first = 0; first < itemKeys.length; first += PAGE)
          await readItems(run, source, itemKeys.slice(first, first + PAGE), {
            settle: async (_client, _storing, answer) => {
              for (const key of [...answer.refused, ...answer.later]) refused.add(key);
            },
          });
        return null;
      }),
    (result) => result.report.state === "refused",
  );
  return {
    error: report.state === "done" ? null : (report.error ?? `${feed.id} could not be read.`),
    refused,
  };
}

/** What changed of SCAYLE's orders, by the feeds that read it soonest. */
async function readOrdersAgain(feeds: readonly Feed[], context: SyncContext): Promise<readonly string[]> {
  const orders = feeds.filter((feed) => feed.resource === "orders");
  const broken: string[] = [];
  for (const feed of orders) {
    const live = feeds.find((one) => one.resource === "status" && one.storesAs === feed.id);
    const read = (feedId: string) =>
      patiently(
        () => runSync({ feedId }, context),
        (result) => result.feeds.some((one) => one.state === "refused"),
      );
    let [report] = (await read(live?.id ?? feed.id)).feeds;
    // A tenant that knows no list of what changed is read through the orders' own feed.
    if (live && report?.state !== "done") [report] = (await read(feed.id)).feeds;
    if (report?.state !== "done") broken.push(report?.error ?? `${feed.id} could not be read.`);
  }
  return broken;
}
