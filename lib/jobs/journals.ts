import type pg from "pg";
import type { JournalContext } from "@/lib/close/run-journal";
import { Refusal } from "@/lib/domain/faults";
import { loadFeeds, openLedger } from "@/lib/sync/feeds";
import { type SyncContext, surroundingsOf } from "@/lib/sync/run";

/** The surroundings of posting journals as they are: connections as they are kept. */
export function journalContext(
  given: Readonly<{
    pool: pg.Pool;
    now: () => Date;
    signal?: AbortSignal | undefined;
    http?: SyncContext["http"];
  }>,
): JournalContext {
  const { io } = surroundingsOf({ ...given, actorName: "journals" });
  return {
    pool: given.pool,
    now: given.now,
    async open(entityId, connectionId) {
      const { rows } = await given.pool.query<{ name: string }>(
        "SELECT name FROM connection WHERE id = $1 AND entity_id = $2",
        [connectionId, entityId],
      );
      const [connection] = rows;
      if (!connection) throw new Refusal("not-found", "The connection is not in use any more.");
      const feed = (await loadFeeds(given.pool, { entityId })).find(
        (one) => one.connectionId === connectionId && one.resource === "ledger-documents",
      );
      return {
        system: connection.name,
        writer: feed ? (openLedger(feed, io).journals ?? null) : null,
      };
    },
  };
}
