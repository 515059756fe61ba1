import type pg from "pg";
import { z } from "zod";
import type { Days, LedgerSource, OrderSource, Page, Reading } from "@/lib/connectors/contract";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import type { FeedRun } from "./feed-run";
import { type Feed, openLedger, openOrders } from "./feeds";
import { isPlaceForgotten } from "./readers";
import { NOTHING_STORED, type StoreContext, type Stored } from "./store/context";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

const Position = z.object({ next: z.string() });

/**
 * Reads what a source has of some days, whenever it changed, beside what the feed's interval reads: no watermark moves.
 * `after`: a place in the source's list to go on from. `seen` is told each record.
 *
 * @throws Refusal `unavailable` where the source can't list by days
 */
export async function readRange(
  run: FeedRun,
  days: Days,
  after: string | null,
  seen: (sourceId: string) => void = () => undefined,
): Promise<null> {
  const { feed } = run;
  if (feed.resource === "orders") {
    const pages = listOrders(openOrders(feed, run.io), feed, days, after);
    return readAll(run, pages, storeOrders, seen);
  }
  return readAll(run, listDocuments(openLedger(feed, run.io), feed, days, after), storeLedger, seen);
}

/**
 * Reads some days, from where an earlier try of the same run was broken off. Where no place is kept, or its source knows
 * that place no more, it begins anew with its counts at zero, which the run then says.
 *
 * @throws Refusal, see readRange
 */
export async function goOnWithRange(run: FeedRun, days: Days, position: unknown): Promise<null> {
  const after = Position.safeParse(position).data?.next ?? null;
  if (after !== null) {
    let pages = 0;
    const counted: FeedRun = {
      ...run,
      store: (page, end) => {
        pages += 1;
        return run.store(page, end);
      },
    };
    try {
      return await readRange(counted, days, after);
    } catch (error) {
      if (pages > 0 || !isPlaceForgotten(error)) throw error;
    }
  }
  await run.store(async (client) => {
    await client.query(
      `UPDATE run SET position = NULL, found = 0, stored = 0, unchanged = 0, failed = 0,
              scope = CASE WHEN found > 0 THEN scope || '{"anew": true}' ELSE scope END WHERE id = $1`,
      [run.runId],
    );
    return NOTHING_STORED;
  });
  return readRange(run, days, null);
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
