import type pg from "pg";
import { z } from "zod";
import type { LedgerSource, OrderSource, Page, Reading, Since } from "@/lib/connectors/contract";
import { faultOf } from "@/lib/connectors/fault";
import { toJson } from "@/lib/domain/json";
import type { OrderInvoice } from "@/lib/domain/order";
import { dueInvoices } from "./due-invoices";
import type { FeedRun, Reach } from "./feed-run";
import { keepChannels } from "./store/channels";
import type { StoreContext, Stored } from "./store/context";
import { storeInvoices } from "./store/invoices";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

/** Invoice lists are asked for one order at a time; so many at once, and so many in one transaction. */
const LISTS_AT_ONCE = 8;
const LISTS_PER_PAGE = 64;

/**
 * Sources commit late and clocks differ: what changed shortly before the watermark, within the feed's overlap, is read
 * again.
 */
const sinceOf = ({ feed }: FeedRun, full: boolean): Date | null =>
  full || feed.watermark === null ? null : new Date(feed.watermark.getTime() - feed.overlapSeconds * 1000);

/** Reads the sales channels and the orders of the feed's shop that changed (all of them with `full`). */
export async function readOrders(run: FeedRun, source: OrderSource, full: boolean): Promise<Reach> {
  const channels = await source.channels();
  await run.store((client, context) => keepChannels(client, context, channels));
  const list = (since: Since) => source.orders(run.feed.shop ?? "", since);
  return readPages(run, { full, list, store: storeOrders });
}

/** Reads the ERP's documents that changed (all of them with `full`). */
export async function readDocuments(run: FeedRun, source: LedgerSource, full: boolean): Promise<Reach> {
  return readPages(run, { full, list: (since) => source.documents(since), store: storeLedger });
}

type Listing<T> = Readonly<{
  full: boolean;
  list(since: Since): AsyncIterable<Page<T>>;
  store(client: pg.PoolClient, context: StoreContext, readings: readonly Reading<T>[]): Promise<Stored>;
}>;

/** Page after page; a reading that was broken off goes on where its last page was stored, where its source can do that. */
async function readPages<T>(run: FeedRun, listing: Listing<T>): Promise<Reach> {
  const since = sinceOf(run, listing.full);
  const left = positionOf(run, since);
  let pages = 0;
  const counted: FeedRun = {
    ...run,
    store: (page, end) => {
      pages += 1;
      return run.store(page, end);
    },
  };
  try {
    return await readFrom(counted, listing, since, left);
  } catch (error) {
    const isForgotten = FORGOTTEN.has(faultOf(error)?.status ?? 0);
    if (left === null || pages > 0 || !isForgotten) throw error;
    return readFrom(run, listing, since, null);
  }
}

/** What a source answers that knows a place in its list no more. */
const FORGOTTEN: ReadonlySet<number> = new Set([400, 404, 410]);

async function readFrom<T>(
  run: FeedRun,
  { list, store }: Listing<T>,
  since: Date | null,
  left: Position | null,
): Promise<Reach> {
  let begun = left?.begun ?? null;
  let newest = left?.newest ?? null;
  let ended = false;
  const reach = (): Reach => {
    // What changed on a page that was read already, while the others were, no later page shows where the source lists by
    // identity; and a record dated into the future must not make us skip what changes until then.
    const watermark = newest && begun && newest > begun ? begun : newest;
    return { watermark, confirmedUntil: begun ?? run.startedAt };
  };
  for await (const page of list({ modifiedSince: since, after: left?.next ?? null })) {
    begun ??= page.sourceTime ?? run.startedAt;
    for (const { modifiedAt } of page.readings) {
      if (modifiedAt && (newest === null || modifiedAt > newest)) newest = modifiedAt;
    }
    const position = page.next ? { since, next: page.next, begun, newest } : null;
    ended = page.last;
    await run.store(
      async (client, context) => {
        const stored = await store(client, context, page.readings);
        if (position) await keepPosition(client, run, position);
        return stored;
      },
      page.last ? reach() : undefined,
    );
    if (ended) break;
  }
  return reach();
}

const instant = z.iso.datetime().transform((text) => new Date(text));
const Position = z.object({
  /** the moment that the listing was asked for, null: everything */
  since: instant.nullable(),
  next: z.string(),
  begun: instant,
  newest: instant.nullable(),
});
type Position = z.infer<typeof Position>;

/** A place in a list that is older than this is taken for forgotten. */
const POSITION_MILLISECONDS = 24 * 3_600_000;

/** Where an earlier run of the same listing was broken off; null where there is none, or it was of another. */
function positionOf({ feed, startedAt }: FeedRun, since: Date | null): Position | null {
  const position = Position.safeParse(feed.position).data;
  if (!position || position.since?.getTime() !== since?.getTime()) return null;
  return startedAt.getTime() - position.begun.getTime() < POSITION_MILLISECONDS ? position : null;
}

const keepPosition = (client: pg.PoolClient, run: FeedRun, position: Position): Promise<unknown> =>
  client.query("UPDATE feed SET position = $2::jsonb WHERE id = $1", [run.feed.id, toJson(position)]);

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
