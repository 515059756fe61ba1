import type pg from "pg";
import type { Io } from "@/lib/connectors/contract";
import type { LedgerWrite, StoreWrite, Writer } from "@/lib/connectors/write";
import { Refusal } from "@/lib/domain/faults";
import { loadFeeds, openLedger, openOrders } from "@/lib/sync/feeds";
import type { PlannedWrite } from "./contract";

/** A connection that can be asked to write, and what its system is called. */
export type OpenWriter = Readonly<{ system: string; writer: Writer<LedgerWrite | StoreWrite> | null }>;

/** The connections of an entity, by id, opened for writing. */
export type Writers = Readonly<{ of(planned: Pick<PlannedWrite, "connectionId">): OpenWriter }>;

/** Why a connection without a writer can't be written to. */
export const READ_ONLY = "This connection is only read: its system is told nothing from here.";

/** Opens the connections of an entity. Throws Refusal where credentials can't be opened. */
export async function openWriters(pool: pg.Pool, entityId: string, io: Io): Promise<Writers> {
  const feeds = await loadFeeds(pool, { entityId });
  const { rows } = await pool.query<{ id: string; name: string }>(
    "SELECT id, name FROM connection WHERE entity_id = $1",
    [entityId],
  );
  const names = new Map(rows.map((row) => [row.id, row.name]));
  const opened = new Map<string, OpenWriter>();
  return {
    of({ connectionId }) {
      const before = opened.get(connectionId);
      if (before) return before;
      const feed = feeds.find(
        (one) =>
          one.connectionId === connectionId &&
          (one.resource === "orders" || one.resource === "ledger-documents"),
      );
      if (!feed) {
        if (!names.has(connectionId))
          throw new Refusal("not-found", "The connection is not in use any more.");
        return { system: names.get(connectionId) ?? "", writer: null };
      }
      const source = feed.resource === "orders" ? openOrders(feed, io) : openLedger(feed, io);
      // A plan's writes are of its connection's own side.
      const writer = (source.write ?? null) as OpenWriter["writer"];
      const made = { system: names.get(connectionId) ?? feed.connectionKind, writer };
      opened.set(connectionId, made);
      return made;
    },
  };
}
