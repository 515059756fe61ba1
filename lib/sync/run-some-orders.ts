import type pg from "pg";
import type { DocumentKind } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import type { RunSurroundings } from "./feed-run";
import { loadFeeds } from "./feeds";
import { type AskedGroups, readGroups } from "./read-groups";
import { type SyncContext, surroundingsOf } from "./run";

/** What reading some groups again came to. */
export type ReadAgain = Readonly<{
  /** groups that something was stored in: those asked for, and where their documents are now */
  touched: readonly string[];
  /** by group: what could not be read of it, one sentence each */
  problems: ReadonlyMap<string, readonly string[]>;
  /** feeds that could not be read at all, one sentence each; what the others said is kept */
  broken: readonly string[];
  /** how many feeds were asked */
  feeds: number;
}>;

/**
 * Reads some groups of an entity again, see readGroups. What is one record's fault is told of its group, and the others
 * go on.
 *
 * @throws Refusal `conflict` while a feed is being read, `unavailable` when it was stopped
 */
export async function syncSomeOrders(
  entityId: string,
  orderKeys: readonly string[],
  scope: Readonly<{ order: string; resync?: string }>,
  context: SyncContext,
): Promise<ReadAgain> {
  const surroundings = surroundingsOf(context);
  const feeds = await loadFeeds(surroundings.pool, { entityId });
  return readAgain({ entityId, feeds, orderKeys }, scope, surroundings);
}

/** A record as a feed's source names it. */
export type SourceRecord = Readonly<{ feedId: string; kind: DocumentKind; sourceId: string }>;

/** The group that holds a record of a source; null where none does. */
export async function orderKeyOfRecord(
  pool: pg.Pool,
  entityId: string,
  { feedId, kind, sourceId }: SourceRecord,
): Promise<string | null> {
  const { rows } = await pool.query<{ orderKey: string }>(
    `SELECT o.order_key AS "orderKey" FROM feed f JOIN sales_order o ON o.connection_id = f.connection_id
      WHERE f.id = $1 AND f.entity_id = $2 AND f.resource = 'orders' AND o.source_id = $4
     UNION ALL
     SELECT d.order_key FROM feed f JOIN document d ON d.connection_id = f.connection_id
      WHERE f.id = $1 AND f.entity_id = $2 AND f.resource = 'ledger-documents' AND d.source_id = $4 AND d.kind = $3
     UNION ALL
     SELECT x.order_key FROM failed_record x
      WHERE x.feed_id = $1 AND x.entity_id = $2 AND x.source_id = $4 AND x.resolved_at IS NULL LIMIT 1`,
    [feedId, entityId, kind, sourceId],
  );
  return rows[0]?.orderKey ?? null;
}

/**
 * Reads a record of which nothing is held, with what belongs to it, see readGroups.
 *
 * @throws Refusal `not-found` for no such feed in the entity, and what syncSomeOrders throws
 */
export async function syncSourceRecord(
  entityId: string,
  { feedId, kind, sourceId }: SourceRecord,
  context: SyncContext,
): Promise<ReadAgain> {
  const surroundings = surroundingsOf(context);
  const feeds = await loadFeeds(surroundings.pool, { entityId });
  const feed = feeds.find((one) => one.id === feedId);
  if (!feed) throw new Refusal("not-found", "There is no such feed in this entity.");
  const { connectionId, shop } = feed;
  const scope = { order: sourceId };
  const read = (asked: Partial<AskedGroups>) =>
    readAgain({ entityId, feeds, orderKeys: [], ...asked }, scope, surroundings);
  if (feed.resource === "orders") {
    // Whether it may have an invoice list is known when it was read.
    const order = { connectionId, sourceId, shop, invoicesEnabled: false };
    return read({ stranger: { order, names: [], documents: [] } });
  }
  const alone = await read({
    stranger: { order: null, names: [], documents: [{ connectionId, kind, sourceId }] },
  });
  // It names its order, which may not be here either.
  return alone.touched.length === 0 ? alone : read({ orderKeys: alone.touched });
}

async function readAgain(
  asked: AskedGroups,
  scope: Readonly<{ order: string; resync?: string }>,
  surroundings: RunSurroundings,
): Promise<ReadAgain> {
  const problems = new Map<string, string[]>();
  const broken: string[] = [];
  let feeds = 0;
  const touched = await readGroups(asked, scope, surroundings, {
    onFault: (orderKey, { message }) => {
      problems.set(orderKey, [...(problems.get(orderKey) ?? []), message]);
    },
    onReport: ({ feed, state, error }) => {
      feeds += 1;
      if (state === "refused") throw new Refusal("conflict", error ?? "The feed is being read.");
      if (state === "stopped") throw new Refusal("unavailable", error ?? "It was stopped.");
      if (error !== null) broken.push(`${feed}: ${error}`);
    },
  });
  return { touched, problems, broken, feeds };
}
