import type pg from "pg";
import type { LedgerSource, OrderSource, Page, Reading } from "@/lib/connectors/contract";
import type { OrderInvoice } from "@/lib/domain/order";
import { dueInvoices } from "./due-invoices";
import type { FeedRun, Reach } from "./feed-run";
import { keepChannels } from "./store/channels";
import type { StoreContext, Stored } from "./store/context";
import { storeInvoices } from "./store/invoices";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

/** Sources commit late and clocks differ: what changed this shortly before the watermark is read again. */
const OVERLAP_MILLISECONDS = 10 * 60_000;

/** Invoice lists are asked for one order at a time; so many at once, and so many in one transaction. */
const LISTS_AT_ONCE = 8;
const LISTS_PER_PAGE = 64;

const sinceOf = (run: FeedRun, full: boolean): Date | null =>
  full || run.feed.watermark === null ? null : new Date(run.feed.watermark.getTime() - OVERLAP_MILLISECONDS);

/** Reads the sales channels and the orders of the feed's shop that changed (all of them with `full`). */
export async function readOrders(run: FeedRun, source: OrderSource, full: boolean): Promise<Reach> {
  const channels = await source.channels();
  await run.store((client, context) => keepChannels(client, context, channels));
  const pages = source.orders(run.feed.shop ?? "", { modifiedSince: sinceOf(run, full) });
  return readPages(run, pages, storeOrders);
}

/** Reads the ERP's documents that changed (all of them with `full`). */
export async function readDocuments(run: FeedRun, source: LedgerSource, full: boolean): Promise<Reach> {
  return readPages(run, source.documents({ modifiedSince: sinceOf(run, full) }), storeLedger);
}

async function readPages<T>(
  run: FeedRun,
  pages: AsyncIterable<Page<T>>,
  store: (client: pg.PoolClient, context: StoreContext, readings: readonly Reading<T>[]) => Promise<Stored>,
): Promise<Reach> {
  let begun: Date | null = null;
  let newest: Date | null = null;
  let told: Date | null = null;
  for await (const page of pages) {
    begun ??= page.sourceTime ?? run.startedAt;
    told = page.sourceTime ?? told;
    await run.store((client, context) => store(client, context, page.readings));
    for (const { modifiedAt } of page.readings) {
      if (modifiedAt && (newest === null || modifiedAt > newest)) newest = modifiedAt;
    }
  }
  // A record dated into the future must not make us skip what changes until then.
  const watermark = newest && told && newest > told ? told : newest;
  return { watermark, confirmedUntil: begun ?? run.startedAt };
}

/** Fetches the invoice lists that are due, and derives the books of their orders again. */
export async function readInvoiceLists(
  run: FeedRun,
  source: OrderSource,
  pool: pg.Pool,
  full: boolean,
): Promise<Reach> {
  const due = await dueInvoices(pool, run.feed.connectionId, run.startedAt, full);
  for (let done = 0; done < due.length; done += LISTS_PER_PAGE) {
    const lists: Readonly<{ orderKey: string; reading: Reading<readonly OrderInvoice[]> }>[] = [];
    const page = due.slice(done, done + LISTS_PER_PAGE);
    for (let first = 0; first < page.length; first += LISTS_AT_ONCE) {
      const some = page.slice(first, first + LISTS_AT_ONCE);
      lists.push(
        ...(await Promise.all(
          some.map(async ({ orderKey, shop, sourceId }) => ({
            orderKey,
            reading: await source.invoices(shop, sourceId),
          })),
        )),
      );
    }
    await run.store((client, context) => storeInvoices(client, context, lists));
  }
  return { watermark: null, confirmedUntil: run.startedAt };
}
