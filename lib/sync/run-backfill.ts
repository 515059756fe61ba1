import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Days } from "@/lib/connectors/contract";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { type FeedReport, runFeed } from "./feed-run";
import { loadFeeds } from "./feeds";
import { goOnWithRange } from "./range-read";
import { canBackfill } from "./resources";
import { type SyncContext, surroundingsOf } from "./run";
import { BackfillScope } from "./schema";

/**
 * Notes a back-fill of some days (both included) of one feed, to be worked on by a job or by the caller. Inside the
 * caller's transaction. Returns its run's id.
 *
 * @throws Refusal `not-found` for a feed that is not in use; `invalid` for days that are none, or a feed that can't be
 * read by days; `conflict` while another back-fill of the feed waits or is at work
 */
export async function planBackfill(
  client: pg.ClientBase,
  feedId: string,
  days: Days,
  by: Readonly<{ name: string; at: Date }>,
): Promise<Readonly<{ runId: string; entityId: string }>> {
  checkDays(days);
  const { rows } = await client.query<{ entity_id: string; resource: string }>(
    `SELECT f.entity_id, f.resource FROM feed f JOIN connection c ON c.id = f.connection_id
      WHERE f.id = $1 AND c.retired_at IS NULL FOR UPDATE OF f`,
    [feedId],
  );
  const [feed] = rows;
  if (!feed) throw new Refusal("not-found", `There is no feed ${feedId} in use.`);
  if (!canBackfill(feed)) {
    throw new Refusal(
      "invalid",
      `The feed ${feedId} can't be read by days: only orders and ERP documents can.`,
    );
  }
  const { rows: open } = await client.query(
    "SELECT FROM run WHERE kind = 'backfill' AND feed_id = $1 AND state IN ('waiting', 'running')",
    [feedId],
  );
  if (open.length > 0) {
    throw new Refusal("conflict", `A back-fill of ${feedId} is waiting or at work; wait for it, or stop it.`);
  }
  const runId = randomUUID();
  await client.query(
    `INSERT INTO run (id, kind, entity_id, feed_id, scope, state, started_at, actor_name)
     VALUES ($1, 'backfill', $2, $3, $4::jsonb, 'waiting', $5, $6)`,
    [runId, feed.entity_id, feedId, toJson(days), by.at, by.name],
  );
  return { runId, entityId: feed.entity_id };
}

function checkDays(days: Days): void {
  if (!BackfillScope.safeParse(days).success) {
    throw new Refusal("invalid", "The days of a back-fill are dates, like 2026-10-01.");
  }
  const { from, to } = days;
  if (from > to) throw new Refusal("invalid", `The days end (${to}) before they begin (${from}).`);
}

/**
 * Works on a back-fill that was planned, or goes on with one that was broken off. One that is done stays so, and so does
 * one that a person stopped, until a person lets it go on.
 *
 * @throws Refusal `not-found` for a run that is no back-fill, or whose feed is no longer in use
 */
export async function runBackfill(runId: string, context: SyncContext): Promise<FeedReport | null> {
  const surroundings = surroundingsOf(context);
  const { rows } = await surroundings.pool.query<{
    feed_id: string;
    scope: unknown;
    state: string;
    position: unknown;
    stopped: boolean;
  }>(
    "SELECT feed_id, scope, state, position, stop_asked_at IS NOT NULL AS stopped FROM run WHERE id = $1 AND kind = 'backfill'",
    [runId],
  );
  const [run] = rows;
  if (!run) throw new Refusal("not-found", "There is no such back-fill.");
  // What a person stopped goes on when a person says so, whatever jobs still wait for it.
  if (run.state === "done" || (run.state === "stopped" && run.stopped)) return null;
  const [feed] = await loadFeeds(surroundings.pool, { feedId: run.feed_id });
  if (!feed) throw new Refusal("not-found", `There is no feed ${run.feed_id} in use.`);
  const days = BackfillScope.parse(run.scope);
  const { report } = await runFeed(feed, { kind: "backfill", scope: days, runId }, surroundings, (at) =>
    goOnWithRange(at, days, run.position),
  );
  return report;
}
