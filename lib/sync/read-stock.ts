import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import { faultOf, type HttpFault } from "@/lib/connectors/fault";
import type { ItemStock, StockSource } from "@/lib/connectors/stock";
import { classOfFault, isPassing } from "./error-class";
import type { FeedRun, Reach } from "./feed-run";
import { isOfOneRecord, readPages, storePage } from "./readers";
import type { StoreContext } from "./store/context";
import { keepGoneItems, keepUnasked, keepUnlisted, STOCK, storeStock } from "./store/stock";

/** Items that are asked for one at a time: so many in a run, so many at once, and so many in one transaction. */
const ITEMS_PER_RUN = 1000;
const ITEMS_AT_ONCE = 8;
const ITEMS_PER_PAGE = 64;

/**
 * Reads the stock behind a feed: the whole list where the source has one, else the items that are due, one at a time. `full`:
 * all of these, however many.
 */
export async function readStock(
  run: FeedRun,
  source: StockSource,
  pool: pg.Pool,
  full: boolean,
): Promise<Reach> {
  const { all } = source;
  if (!all) return readDueItems(run, source, pool, full ? null : ITEMS_PER_RUN);
  return readPages(run, {
    since: null,
    isSnapshot: true,
    list: () => all({}),
    store: storeStock,
    atEnd: (client, context) => keepUnlisted(client, context, run.startedAt),
  });
}

type Due = Readonly<{ itemKeys: readonly string[]; restAnsweredAt: Date | null; restUnread: number }>;

/**
 * A feed of items that are asked for one at a time is confirmed up to the oldest answer that it holds: an item that was never
 * answered leaves it where it was.
 */
async function readDueItems(
  run: FeedRun,
  source: StockSource,
  pool: pg.Pool,
  most: number | null,
): Promise<Reach> {
  const { itemKeys, restAnsweredAt, restUnread } = await dueItems(pool, run, most);
  const times = { newest: null as Date | null, begun: run.startedAt };
  const reach = (): Reach => ({
    watermark: times.newest,
    confirmedUntil:
      restUnread > 0 ? null : restAnsweredAt && restAnsweredAt < times.begun ? restAnsweredAt : times.begun,
  });
  for (let done = 0; done < itemKeys.length; done += ITEMS_PER_PAGE) {
    const isLast = done + ITEMS_PER_PAGE >= itemKeys.length;
    await readItems(run, source, itemKeys.slice(done, done + ITEMS_PER_PAGE), {
      end: (readings) => {
        for (const { modifiedAt, result } of readings) {
          // A stamp that is ahead of the time says nothing of when its level changed.
          const isPast = modifiedAt !== null && modifiedAt <= run.startedAt;
          if (isPast && (times.newest === null || modifiedAt > times.newest)) times.newest = modifiedAt;
          // A source whose clock is behind ours confirms less.
          const answeredAt = result.ok ? result.value.answeredAt : null;
          if (answeredAt && answeredAt < times.begun) times.begun = answeredAt;
        }
        return isLast ? reach() : undefined;
      },
    });
  }
  return reach();
}

/** First what was never answered or was named since, then what was answered longest ago; and what is left of the others. */
async function dueItems(pool: pg.Pool, { feed }: FeedRun, most: number | null): Promise<Due> {
  const { rows } = await pool.query<{ item_key: string; answered_at: Date | null }>(
    `SELECT item_key, CASE WHEN gone_at IS NULL THEN answered_at ELSE checked_at END AS answered_at FROM stock_item
      WHERE connection_id = $1
      ORDER BY checked_at IS NOT NULL AND (named_at IS NULL OR named_at <= checked_at), checked_at NULLS FIRST, item_key`,
    [feed.connectionId],
  );
  const rest = most === null ? [] : rows.slice(most);
  const answered = rest.flatMap((row) => row.answered_at ?? []);
  return {
    itemKeys: rows.slice(0, most ?? rows.length).map((row) => row.item_key),
    restAnsweredAt: answered.reduce<Date | null>((least, at) => (least && least <= at ? least : at), null),
    restUnread: rest.length - answered.length,
  };
}

type Asked = Readonly<{
  itemKey: string;
  reading: Reading<ItemStock> | null;
  fault: (Error & { fault: HttpFault }) | null;
}>;

/** What became of items that were asked for: read, no more there, refused, or refused for a reason that passes by itself. */
export type ItemsAnswer = Readonly<Record<"read" | "gone" | "refused" | "later", readonly string[]>>;

type Besides = Readonly<{
  /** belongs to what is stored, in its transaction */
  settle?: (client: pg.PoolClient, context: StoreContext, answer: ItemsAnswer) => Promise<unknown>;
  /** how far the reading came, where these are its last items */
  end?: (readings: readonly Reading<ItemStock>[]) => Reach | undefined;
}>;

/**
 * Asks for some items and stores what is said of them, in one transaction.
 *
 * @throws Refusal where the source can't be asked: nothing of these items is stored then
 */
export async function readItems(
  run: FeedRun,
  source: StockSource,
  itemKeys: readonly string[],
  { settle, end }: Besides,
): Promise<void> {
  const asked: Asked[] = [];
  for (let first = 0; first < itemKeys.length; first += ITEMS_AT_ONCE) {
    run.io.signal.throwIfAborted();
    const some = itemKeys.slice(first, first + ITEMS_AT_ONCE);
    asked.push(...(await Promise.all(some.map((itemKey) => askFor(source, itemKey)))));
  }
  const refused = asked.filter((one) => one.fault !== null);
  // All of them refused is the source's fault, and no single item's.
  if (asked.length > 1 && refused.length === asked.length) throw refused[0]?.fault;
  const readings = asked.flatMap(({ reading }) => (reading ? [reading] : []));
  const keysOf = (is: (one: Asked) => boolean): readonly string[] =>
    asked.filter(is).map((one) => one.itemKey);
  // An answer that breaks off is no answer, and says nothing of the item.
  const passes = ({ fault }: Asked): boolean =>
    fault !== null && (fault.fault.kind === "not-json" || isPassing(classOfFault(fault.fault)));
  const answer: ItemsAnswer = {
    read: keysOf((one) => one.reading !== null),
    gone: keysOf((one) => one.reading === null && one.fault === null),
    refused: keysOf((one) => one.fault !== null && !passes(one)),
    later: keysOf(passes),
  };
  await storePage(
    run,
    { store: storeStock, resource: STOCK },
    readings,
    async (client, context) => {
      await keepGoneItems(client, context, answer.gone);
      await keepUnasked(client, context, refused.map(unasked));
      await settle?.(client, context, answer);
    },
    end?.(readings),
  );
}

const unasked = ({ itemKey, fault }: Asked) => ({
  itemKey,
  reason: fault?.message ?? "It could not be asked for.",
  errorClass: fault ? classOfFault(fault.fault) : ("connection" as const),
});

async function askFor(source: StockSource, itemKey: string): Promise<Asked> {
  try {
    return { itemKey, reading: await source.of(itemKey), fault: null };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault || !(error instanceof Error) || !isOfOneRecord(fault)) throw error;
    return { itemKey, reading: null, fault: Object.assign(error, { fault }) };
  }
}
