import "server-only";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { addJob } from "@/lib/jobs/queue";
import { isTaskName, taskPayloads } from "@/lib/jobs/tasks";
import { resumeRun, type StoppableRuns, stopRun, waitAgain } from "./mutations-runs";
import { SYSTEM_RESOURCES } from "./resources";
import { addRetry } from "./retry";
import { planBackfill } from "./run-backfill";
import { addBackfill, addSync } from "./schedule";
import type {
  Backfill,
  FeedSettings,
  GiveUpRecord,
  OneRun,
  ReleaseFeed,
  RetryRecords,
  SettleJob,
  SyncNow,
} from "./schema";

/**
 * Adds the reading of one feed, or of all of an entity's, and keeps who asked for it. A feed that was held goes on.
 * Throws Refusal: "not-allowed"; "not-found"; "invalid" where there is nothing to read from a system.
 */
export async function requestSync(actor: Actor, { entityId, feedId }: SyncNow): Promise<void> {
  assertMay(actor, "feeds.sync", entityId);
  await audited(actor, entityId, async (client) => {
    const feeds = await feedsIn(client, entityId, feedId);
    if (feedId !== undefined && feeds.length === 0) {
      throw new Refusal("not-found", "There is no such feed in this entity.");
    }
    const readable = feeds.filter((feed) => feed.place !== null);
    if (readable.length === 0) {
      throw new Refusal("invalid", "There is nothing to sync: these feeds are fed by files.");
    }
    for (const { id, place } of readable)
      await addSync(client, id, { by: byOf(actor), priority: place ?? 0 });
    return {
      result: undefined,
      change: {
        action: "run.sync",
        subject: feedId === undefined ? `entity:${entityId}` : `feed:${feedId}`,
        before: null,
        after: { feed: feedId ?? "all" },
      },
    };
  });
}

/** Plans the reading of some days of a feed again, beside its interval. Throws Refusal, see planBackfill. */
export async function requestBackfill(actor: Actor, asked: Backfill, at: Date): Promise<{ runId: string }> {
  const { entityId, feedId, from, to } = asked;
  assertMay(actor, "feeds.backfill", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      if ((await feedsIn(client, entityId, feedId)).length === 0) {
        throw new Refusal("not-found", "There is no such feed in this entity.");
      }
      const { runId } = await planBackfill(client, feedId, { from, to }, { name: actor.name, at });
      await addBackfill(client, feedId, runId, byOf(actor));
      return {
        result: { runId },
        change: {
          action: "run.backfill",
          subject: `feed:${feedId}`,
          before: null,
          after: { run: runId, from, to },
        },
      };
    },
    { now: at },
  );
}

/** Readings of feeds: a reading of what changed begins anew from its watermark, a back-fill goes on with its days. */
const READINGS: StoppableRuns = {
  kinds: ["sync", "backfill"],
  permission: "feeds.sync",
  async goOn(client, { id, kind, feedId, full }, actor) {
    if (feedId === null) throw new Refusal("not-found", "There is no such run of a feed in this entity.");
    if (kind !== "backfill") return addSync(client, feedId, { by: byOf(actor), full });
    await waitAgain(client, id);
    return addBackfill(client, feedId, id, byOf(actor));
  },
};

/** Asks the reading of a feed to stop; see stopRun. */
export const requestStop = (actor: Actor, one: OneRun, at: Date): Promise<void> =>
  stopRun(actor, one, READINGS, { now: at });

/** Lets the reading of a feed go on; see resumeRun. */
export const requestResume = (actor: Actor, one: OneRun, at: Date): Promise<void> =>
  resumeRun(actor, one, READINGS, { now: at });

/** Sets how often a feed is read, how much of its tail again, and what it promises; the trail keeps why. Throws Refusal. */
export async function setFeed(actor: Actor, asked: FeedSettings, at: Date): Promise<void> {
  const { entityId, feedId, intervalMinutes, overlapMinutes, promiseMinutes, reason } = asked;
  assertMay(actor, "settings.write", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ before: unknown }>(
        `SELECT json_build_object('intervalMinutes', interval_seconds / 60, 'overlapMinutes', overlap_seconds / 60,
                'promiseMinutes', promise_seconds / 60) AS before
           FROM feed WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
        [feedId, entityId],
      );
      const [feed] = rows;
      if (!feed) throw new Refusal("not-found", "There is no such feed in this entity.");
      await client.query(
        `UPDATE feed SET interval_seconds = $2::int, overlap_seconds = $3, promise_seconds = $4, stretch = 1, stretch_reason = NULL,
                due_at = least(due_at, $5::timestamptz + make_interval(secs => $2::int)) WHERE id = $1`,
        [feedId, intervalMinutes * 60, overlapMinutes * 60, promiseMinutes * 60, at],
      );
      const after = { intervalMinutes, overlapMinutes, promiseMinutes, reason };
      return {
        result: undefined,
        change: { action: "feed.set", subject: `feed:${feedId}`, before: feed.before, after },
      };
    },
    { now: at },
  );
}

/** Lets a feed that is held be read by itself again. Throws Refusal: "not-allowed", "not-found". */
export async function releaseFeed(actor: Actor, { entityId, feedId }: ReleaseFeed, at: Date): Promise<void> {
  assertMay(actor, "feeds.sync", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ held_reason: string | null }>(
        "SELECT held_reason FROM feed WHERE id = $1 AND entity_id = $2 AND held_at IS NOT NULL FOR UPDATE",
        [feedId, entityId],
      );
      const [feed] = rows;
      if (!feed) throw new Refusal("not-found", "There is no feed of this entity that is held.");
      await client.query("UPDATE feed SET held_at = NULL, held_reason = NULL, due_at = $2 WHERE id = $1", [
        feedId,
        at,
      ]);
      return {
        result: undefined,
        change: {
          action: "feed.release",
          subject: `feed:${feedId}`,
          before: { held: feed.held_reason },
          after: null,
        },
      };
    },
    { now: at },
  );
}

/** Settles a job that failed for good: it is done again, or set aside. Throws Refusal: "not-allowed", "not-found". */
export async function settleJob(
  actor: Actor,
  { entityId, failureId, how }: SettleJob,
  at: Date,
): Promise<void> {
  assertMay(actor, "feeds.sync", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ task: string; payload: unknown }>(
        `SELECT task, payload FROM job_failure WHERE id = $1 AND settled_at IS NULL AND (entity_id = $2 OR entity_id IS NULL)`,
        [failureId, entityId],
      );
      const [job] = rows;
      if (!job) throw new Refusal("not-found", "There is no such job that waits for somebody.");
      await client.query(
        "UPDATE job_failure SET settled_at = $2, settled_by = $3, settled_how = $4 WHERE id = $1",
        [failureId, at, actor.name, how],
      );
      if (how === "again") await again(client, job);
      return {
        result: undefined,
        change: {
          action: `job.${how}`,
          subject: `job:${failureId}`,
          before: { task: job.task },
          after: null,
        },
      };
    },
    { now: at },
  );
}

/**
 * Adds another try of records that failed, of any class: a person may know that the cause is gone. Throws Refusal:
 * "not-allowed"; "not-found" where none of them still fails in this entity.
 */
export async function retryRecords(actor: Actor, { entityId, ids }: RetryRecords, at: Date): Promise<number> {
  assertMay(actor, "records.retry", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ id: string; name: string }>(
        `UPDATE failed_record SET given_up_at = NULL, given_up_by = NULL, given_up_why = NULL
          WHERE entity_id = $1 AND id = ANY($2::uuid[]) AND resolved_at IS NULL
          RETURNING id, coalesce(reference, source_id) AS name`,
        [entityId, ids],
      );
      if (rows.length === 0) throw new Refusal("not-found", "None of these records fails any more.");
      for (const { id } of rows) await addRetry(client, id, { by: byOf(actor) });
      return {
        result: rows.length,
        change: {
          action: "record.retry",
          subject: rows.length === 1 ? `record:${rows[0]?.id}` : `records:${rows.length}`,
          before: null,
          after: { records: rows.map((row) => row.name) },
        },
      };
    },
    { now: at },
  );
}

/** Leaves a record that failed as it is, owned by who said so. Throws Refusal: "not-allowed", "not-found". */
export async function giveUpRecord(
  actor: Actor,
  { entityId, id, why }: GiveUpRecord,
  at: Date,
): Promise<void> {
  assertMay(actor, "records.retry", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rowCount } = await client.query(
        `UPDATE failed_record SET given_up_at = $3, given_up_by = $4, given_up_why = $5, next_try_at = NULL
          WHERE entity_id = $1 AND id = $2 AND resolved_at IS NULL`,
        [entityId, id, at, actor.name, why],
      );
      if (rowCount === 0) throw new Refusal("not-found", "There is no such record that still fails.");
      return {
        result: undefined,
        change: { action: "record.give-up", subject: `record:${id}`, before: null, after: { why } },
      };
    },
    { now: at },
  );
}

async function again(
  client: pg.ClientBase,
  job: Readonly<{ task: string; payload: unknown }>,
): Promise<void> {
  if (!isTaskName(job.task))
    throw new Refusal("invalid", "There is no such kind of job any more: set it aside.");
  const payload = taskPayloads[job.task].safeParse(job.payload);
  if (!payload.success)
    throw new Refusal("invalid", "What it was told can't be read any more: set it aside.");
  await addJob(client, job.task, payload.data);
}

const byOf = ({ id, name }: Actor) => ({ id, name });

async function feedsIn(
  client: pg.ClientBase,
  entityId: string,
  feedId: string | undefined,
): Promise<readonly Readonly<{ id: string; place: number | null }>[]> {
  const { rows } = await client.query<{ id: string; place: number | null }>(
    `SELECT f.id, array_position($3::text[], f.resource) AS place
       FROM feed f JOIN connection c ON c.id = f.connection_id
      WHERE f.entity_id = $1 AND c.retired_at IS NULL AND ($2::text IS NULL OR f.id = $2) ORDER BY 2, 1`,
    [entityId, feedId ?? null, [...SYSTEM_RESOURCES]],
  );
  return rows;
}
