import type pg from "pg";
import { z } from "zod";
import type { LedgerSource, OrderSource, Page, Reading, Since } from "@/lib/connectors/contract";
import { faultOf, type HttpFault } from "@/lib/connectors/fault";
import { toJson } from "@/lib/domain/json";
import type { OrderInvoice } from "@/lib/domain/order";
import { type DueInvoices, dueInvoices } from "./due-invoices";
import { classOfError, classOfFault } from "./error-class";
import type { FeedRun, Reach } from "./feed-run";
import { keepChannels } from "./store/channels";
import type { StoreContext, Stored } from "./store/context";
import { INVOICES, storeInvoices } from "./store/invoices";
import { storeLedger } from "./store/ledger";
import { ORDERS, storeOrders } from "./store/orders";
import { keepUnfetched, keepUnwritable } from "./store/unkept";

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

/**
 * Reads the orders of the feed's shop that just changed, between the readings of the orders' own feed, whose watermark stays.
 * The first time it begins where that one stands; where nothing was read yet, with what changes from now on: the rest is the
 * orders' feed's to read.
 */
export async function readStatuses(run: FeedRun, source: OrderSource, pool: pg.Pool): Promise<Reach> {
  const since = sinceOf(run, false) ?? (await beginOf(pool, run));
  const list = (asked: Since) => source.orders(run.feed.shop ?? "", { ...asked, changesOnly: true });
  return readPages(run, { since, list, store: storeOrders, resource: ORDERS });
}

/** Where a status feed begins that has seen no change yet: what it has confirmed, what the orders' feed has read, or now. */
async function beginOf(pool: pg.Pool, { feed, startedAt }: FeedRun): Promise<Date> {
  const { rows } = await pool.query<{ begin: Date | null }>(
    `SELECT coalesce(s.confirmed_until, o.watermark) AS begin FROM feed s LEFT JOIN feed o ON o.id = $2 WHERE s.id = $1`,
    [feed.id, feed.storesAs],
  );
  const begin = rows[0]?.begin ?? startedAt;
  return new Date(begin.getTime() - feed.overlapSeconds * 1000);
}

/** Reads the ERP's documents that changed (all of them with `full`). */
export async function readDocuments(run: FeedRun, source: LedgerSource, full: boolean): Promise<Reach> {
  return readPages(run, { full, list: (since) => source.documents(since), store: storeLedger });
}

/** Where a listing begins: everything or what changed since the watermark, or what changed since a moment. */
type Begin = Readonly<{ full: boolean } | { since: Date | null }>;

type Listing<T> = Begin &
  Readonly<{
    list(since: Since): AsyncIterable<Page<T>>;
    store: StoreReadings<T>;
    /** under which its records are kept; the feed's own where it is left out */
    resource?: string;
    /** it is all there was at the moment it was begun, whenever that changed */
    isSnapshot?: boolean;
    /** what belongs to the last page, in its transaction */
    atEnd?(client: pg.PoolClient, context: StoreContext): Promise<void>;
  }>;

/** Page after page; a reading that was broken off goes on where its last page was stored, where its source can do that. */
export async function readPages<T>(run: FeedRun, listing: Listing<T>): Promise<Reach> {
  const since = "full" in listing ? sinceOf(run, listing.full) : listing.since;
  // A list of what there is at one moment is read in one go, or again.
  const left = listing.isSnapshot ? null : positionOf(run, since);
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
    if (left === null || pages > 0 || !isPlaceForgotten(error)) throw error;
    return readFrom(run, listing, since, null);
  }
}

/** What a source answers that knows a place in its list no more. */
const FORGOTTEN: ReadonlySet<number> = new Set([400, 404, 410]);

/** Whether a source that was asked to go on from a place in its list may know that place no more. */
export const isPlaceForgotten = (error: unknown): boolean => FORGOTTEN.has(faultOf(error)?.status ?? 0);

async function readFrom<T>(
  run: FeedRun,
  { list, store, resource = run.feed.resource, isSnapshot = false, atEnd }: Listing<T>,
  since: Date | null,
  left: Position | null,
): Promise<Reach> {
  let begun = left?.begun ?? null;
  let newest = left?.newest ?? null;
  let ended = false;
  const reach = (): Reach => {
    // What changes while pages are read may be on one that was read already, and a record may be dated into the future:
    // the next reading begins where this one did, at the latest.
    const watermark = isSnapshot || (newest && begun && newest > begun) ? begun : newest;
    return { watermark, confirmedUntil: begun ?? run.startedAt, resumed: left !== null };
  };
  for await (const page of list({ modifiedSince: since, after: left?.next ?? null })) {
    begun ??= page.sourceTime ?? run.startedAt;
    for (const { modifiedAt } of page.readings) {
      if (modifiedAt && (newest === null || modifiedAt > newest)) newest = modifiedAt;
    }
    const position =
      page.next && !isSnapshot ? { since, next: page.next, begun, newest, at: run.startedAt } : null;
    await storePage(
      run,
      { store, resource },
      page.readings,
      async (client, context) => {
        if (position) await keepPosition(client, run, position);
        if (page.last) await atEnd?.(client, context);
      },
      page.last ? reach() : undefined,
    );
    ended = page.last;
    if (ended) break;
  }
  return reach();
}

/**
 * Stores a page in one transaction, with what belongs to it besides. One record that can't be written must not keep the others
 * out: then each goes alone, that one is kept as failed, and what belongs to the page follows.
 */
export async function storePage<T>(
  run: FeedRun,
  { store, resource }: Readonly<{ store: StoreReadings<T>; resource: string }>,
  readings: readonly Reading<T>[],
  besides: (client: pg.PoolClient, context: StoreContext) => Promise<unknown>,
  end?: Reach | undefined,
): Promise<void> {
  const whole = (some: readonly Reading<T>[]): Promise<Stored> =>
    run.store(async (client, context) => {
      const stored = await store(client, context, some).catch((error: unknown) => {
        throw isOfRecord(error) ? new Unwritable(error) : error;
      });
      await besides(client, context);
      return stored;
    }, end);
  try {
    await whole(readings);
  } catch (error) {
    if (!(error instanceof Unwritable)) throw error;
    for (const reading of readings) await storeAlone(run, store, reading, resource);
    await whole([]);
  }
}

/** Something among what a page was to write can't be written; the rest of what its transaction does is not meant. */
class Unwritable extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

type StoreReadings<T> = (
  client: pg.PoolClient,
  context: StoreContext,
  readings: readonly Reading<T>[],
) => Promise<Stored>;

/** Whether what was thrown is about what was to be written: not the connection, not the program. */
const isOfRecord = (error: unknown): boolean => faultOf(error) === null && classOfError(error) !== null;

/** Stores one reading in a transaction of its own; one that can't be written is kept as failed. */
export async function storeAlone<T>(
  run: FeedRun,
  store: StoreReadings<T>,
  reading: Reading<T>,
  resource = run.feed.resource,
): Promise<void> {
  try {
    await run.store((client, context) => store(client, context, [reading]));
  } catch (error) {
    const errorClass = isOfRecord(error) ? classOfError(error) : null;
    if (errorClass === null || !(error instanceof Error)) throw error;
    const why = { errorClass, reason: `It could not be written: ${error.message}` };
    await run.store((client, context) => keepUnwritable(client, context, resource, reading, why));
  }
}

const instant = z.iso.datetime().transform((text) => new Date(text));
const Position = z.object({
  /** the moment that the listing was asked for, null: everything */
  since: instant.nullable(),
  next: z.string(),
  begun: instant,
  newest: instant.nullable(),
  /** by our clock, when the run began that came so far: the source's may be another */
  at: instant,
});
type Position = z.infer<typeof Position>;

/** A place in a list that is older than this is taken for forgotten. */
const POSITION_MILLISECONDS = 24 * 3_600_000;

/** Where an earlier run of the same listing was broken off; null where there is none, or it was of another. */
function positionOf({ feed, startedAt }: FeedRun, since: Date | null): Position | null {
  const position = Position.safeParse(feed.position).data;
  if (!position || position.since?.getTime() !== since?.getTime()) return null;
  return startedAt.getTime() - position.at.getTime() < POSITION_MILLISECONDS ? position : null;
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
  let newest: Date | null = null;
  for (let done = 0; done < due.length; done += LISTS_PER_PAGE) {
    const lists: FetchedList[] = [];
    const page = due.slice(done, done + LISTS_PER_PAGE);
    for (let first = 0; first < page.length; first += LISTS_AT_ONCE) {
      const some = page.slice(first, first + LISTS_AT_ONCE);
      lists.push(...(await Promise.all(some.map((one) => fetchList(source, one)))));
    }
    // All of them refused is the source's fault, and no single order's.
    const refused = lists.filter((one) => one.fault !== null);
    if (lists.length > 1 && refused.length === lists.length) throw refused[0]?.fault;
    const fetched = lists.flatMap(({ orderKey, reading }) => (reading ? [{ orderKey, reading }] : []));
    await run.store((client, context) => storeInvoices(client, context, fetched));
    newest = newestInvoice(fetched, newest, run.startedAt);
    if (refused.length > 0) {
      await run.store((client, context) => keepUnfetched(client, context, INVOICES, refused.map(unfetched)));
    }
  }
  return { watermark: newest, confirmedUntil: run.startedAt };
}

/** When the newest of some invoices was made, `newest` of those before; a time to come counts for none. */
function newestInvoice(
  lists: readonly Readonly<{ reading: Reading<readonly OrderInvoice[]> }>[],
  newest: Date | null,
  until: Date,
): Date | null {
  const made = lists.flatMap(({ reading: { result } }) =>
    result.ok ? result.value.flatMap(({ createdAt }) => createdAt ?? []) : [],
  );
  return made.reduce<Date | null>(
    (most, at) => (at <= until && (most === null || at > most) ? at : most),
    newest,
  );
}

type FetchedList = DueInvoices &
  Readonly<{
    reading: Reading<readonly OrderInvoice[]> | null;
    fault: (Error & { fault: HttpFault }) | null;
  }>;

/** One order's list, or the fault that is this order's alone: the others are fetched all the same. */
async function fetchList(source: OrderSource, due: DueInvoices): Promise<FetchedList> {
  try {
    return { ...due, reading: await source.invoices(due.shop, due.sourceId), fault: null };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault || !(error instanceof Error) || !isOfOneRecord(fault)) throw error;
    return { ...due, reading: null, fault: Object.assign(error, { fault }) };
  }
}

/** Whether a fault is a single record's: where nobody is there, or our credentials don't hold, it is not. */
export const isOfOneRecord = ({ kind, status }: HttpFault): boolean =>
  kind !== "network" && kind !== "timeout" && kind !== "redirect" && status !== 401 && status !== 403;

const unfetched = ({ orderKey, sourceId, fault }: FetchedList) => ({
  orderKey,
  sourceId,
  reason: fault?.message ?? "It could not be fetched.",
  errorClass: fault ? classOfFault(fault.fault) : ("connection" as const),
});
