import type pg from "pg";
import { z } from "zod";
import type { Days, LedgerSource, OrderSource, Page, Reading } from "@/lib/connectors/contract";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import type { FeedRun } from "./feed-run";
import { type Feed, openLedger, openOrders } from "./feeds";
import type { StoreContext, Stored } from "./store/context";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

const Position = z.object({ next: z.string() });

/**
 * Reads what a source has of some days, whenever it changed, beside what the feed's interval reads: no watermark moves.
 * Goes on where an earlier try of the same run was broken off, where the source can do that. `seen` is told each record.
 *
 * @throws Refusal `unavailable` where the source can't list by days
 */
export async function readRange(
  run: FeedRun,
  days: Days,
  position: unknown,
  seen: (sourceId: string) => void = () => undefined,
): Promise<null> {
  const after = Position.safeParse(position).data?.next ?? null;
  const { feed } = run;
  if (feed.resource === "orders") {
    const pages = listOrders(openOrders(feed, run.io), feed, days, after);
    return readAll(run, pages, storeOrders, seen);
  }
  return readAll(run, listDocuments(openLedger(feed, run.io), feed, days, after), storeLedger, seen);
}

async function readAll<T>(
  run: FeedRun,
  pages: AsyncIterable<Page<T>>,
  store: (client: pg.PoolClient, context: StoreContext, readings: readonly Reading<T>[]) => Promise<Stored>,
  seen: (sourceId: string) => void,
): Promise<null> {
  for await (const page of pages) {
    for (const { sourceId } of page.readings) seen(sourceId);
    await run.store(async (client, context) => {
      const stored = await store(client, context, page.readings);
      await client.query("UPDATE run SET position = $2::jsonb WHERE id = $1", [
        run.runId,
        page.next ? toJson({ next: page.next }) : null,
      ]);
      return stored;
    });
  }
  return null;
}

function listOrders(source: OrderSource, feed: Feed, days: Days, after: string | null) {
  if (!source.ordersOf) throw unable(feed);
  return source.ordersOf(feed.shop ?? "", days, after);
}

function listDocuments(source: LedgerSource, feed: Feed, days: Days, after: string | null) {
  if (!source.documentsWithin) throw unable(feed);
  return source.documentsWithin(days, after);
}

const unable = (feed: Feed): Refusal =>
  new Refusal("unavailable", `The source of ${feed.id} can't list what it has of given days.`);
