import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import type { Missing } from "@/lib/domain/missing";
import { FAILED_STATES } from "./list-failed";
import type { FailedFilter } from "./schema";

export type FeedRow = Readonly<{
  id: string;
  entityId: string;
  timeZone: string;
  connection: string;
  connectionKind: string;
  side: string;
  resource: string;
  shop: string | null;
  lane: string;
  intervalSeconds: number;
  promiseSeconds: number;
  /** newest change at the source that is held here */
  watermark: Date | null;
  /** source time up to which an answer was confirmed */
  confirmedUntil: Date | null;
  overlapSeconds: number;
  dueAt: Date | null;
  stretch: number;
  stretchReason: string | null;
  heldAt: Date | null;
  heldReason: string | null;
  failedRecords: number;
  /** its last whole reading: no back-fill, and none of what somebody or something named */
  lastRun: RunRow | null;
}>;

export type RunRow = Readonly<{
  id: string;
  kind: string;
  entityId: string | null;
  feedId: string | null;
  period: Month | null;
  state: string;
  startedAt: Date;
  finishedAt: Date | null;
  asOf: Date | null;
  found: number;
  stored: number;
  unchanged: number;
  failed: number;
  error: string | null;
  actorName: string;
  /** records it expects to find, where that can be known */
  expected: number | null;
  /** held: as many as are held; history: as its last readings found */
  expectedFrom: string | null;
  stopAskedAt: Date | null;
  /** what was asked for */
  scope: unknown;
}>;

export type RunDetail = RunRow & Readonly<{ outcome: string | null }>;

const RUN = `id, kind, entity_id AS "entityId", feed_id AS "feedId", period, state, started_at AS "startedAt",
  finished_at AS "finishedAt", as_of AS "asOf", found, stored, unchanged, failed, error, actor_name AS "actorName", expected,
  expected_from AS "expectedFrom",
  stop_asked_at AS "stopAskedAt", scope`;

/** A reading of some records that were named, not of a feed. */
const NAMED = "(kind = 'sync' AND scope ?| ARRAY['order', 'items'])";

/** The feeds of connections in use within the scope, with their last whole reading. */
export async function findFeeds(entityIds: readonly string[]): Promise<readonly FeedRow[]> {
  const { rows } = await appPool().query<Omit<FeedRow, "lastRun">>(
    `SELECT f.id, f.entity_id AS "entityId", e.time_zone AS "timeZone", c.name AS connection,
       c.kind AS "connectionKind", c.side, f.resource, s.name AS shop, f.lane,
       f.interval_seconds AS "intervalSeconds", f.promise_seconds AS "promiseSeconds", f.watermark,
       f.confirmed_until AS "confirmedUntil", f.overlap_seconds AS "overlapSeconds", f.stretch,
       coalesce(f.due_at, f.confirmed_until + make_interval(secs => f.interval_seconds * f.stretch)) AS "dueAt",
       f.stretch_reason AS "stretchReason", f.held_at AS "heldAt", f.held_reason AS "heldReason",
       (SELECT count(*)::int FROM failed_record x WHERE x.feed_id = f.id AND x.resolved_at IS NULL) AS "failedRecords"
     FROM feed f JOIN connection c ON c.id = f.connection_id JOIN entity e ON e.id = f.entity_id
       LEFT JOIN shop s ON s.id = f.shop_id
     WHERE f.entity_id = ANY($1) AND c.retired_at IS NULL AND e.retired_at IS NULL
     ORDER BY f.entity_id, c.side DESC, f.id`,
    [[...entityIds]],
  );
  const runs = await appPool().query<RunRow>(
    `SELECT last.* FROM unnest($1::text[]) AS f(asked) CROSS JOIN LATERAL (
       SELECT ${RUN} FROM run WHERE feed_id = f.asked AND kind IN ('sync', 'import') AND NOT ${NAMED}
        ORDER BY started_at DESC, id LIMIT 1) AS last`,
    [rows.map((row) => row.id)],
  );
  const newest = new Map(runs.rows.map((run) => [run.feedId, run]));
  return rows.map((row) => ({ ...row, lastRun: newest.get(row.id) ?? null }));
}

/**
 * The newest runs of every kind within the scope. A run of no single entity is of interest to all. The live lane reads every few
 * minutes: among the runs of all feeds, those of its runs that found nothing new are left out. Readings of named records
 * (a resync, a webhook, one more try) are many and small: they are left out unless `withNamed`.
 */
export async function findRuns(
  entityIds: readonly string[],
  { feedId, withNamed, limit }: Readonly<{ feedId: string | null; withNamed: boolean; limit: number }>,
): Promise<readonly RunRow[]> {
  const { rows } = await appPool().query<RunRow>(
    `SELECT ${RUN} FROM run WHERE (entity_id IS NULL OR entity_id = ANY($1)) AND ($2::text IS NULL OR feed_id = $2)
        AND ($2 IS NOT NULL OR state <> 'done' OR stored + failed > 0
             OR NOT EXISTS (SELECT FROM feed f WHERE f.id = run.feed_id AND f.lane = 'live'))
        AND ($4 OR NOT ${NAMED})
     ORDER BY started_at DESC, id LIMIT $3`,
    [[...entityIds], feedId, limit, withNamed],
  );
  return rows;
}

/** One run within the scope. */
export async function findRun(entityIds: readonly string[], id: string): Promise<RunDetail | null> {
  const { rows } = await appPool().query<RunDetail>(
    `SELECT ${RUN}, outcome FROM run WHERE id = $2 AND (entity_id IS NULL OR entity_id = ANY($1))`,
    [[...entityIds], id],
  );
  return rows[0] ?? null;
}

export type FailedRow = Readonly<{
  id: string;
  orderKey: string;
  orderKnown: boolean;
  entityId: string;
  feedId: string;
  resource: string;
  sourceId: string;
  reference: string | null;
  reason: string;
  /** without personal data */
  payload: unknown;
  firstSeenAt: Date;
  lastSeenAt: Date;
  errorClass: string;
  connectionId: string;
  /** the mapping that it lacks; null where none would cure it */
  missing: Missing | null;
  /** how often it was asked for again */
  attempts: number;
  /** when it is asked for again by itself */
  nextTryAt: Date | null;
  ownerTeam: string;
  givenUpAt: Date | null;
  /** null: by itself, after the last try */
  givenUpBy: string | null;
  givenUpWhy: string | null;
  /** since when its source is known to have it no more */
  goneAt: Date | null;
}>;

/** How many records still fail, by class, within the scope. */
export async function countFailedRecords(
  entityIds: readonly string[],
): Promise<readonly Readonly<{ errorClass: string; count: number }>[]> {
  const { rows } = await appPool().query<{ errorClass: string; count: number }>(
    `SELECT error_class AS "errorClass", count(*)::int AS count FROM failed_record
      WHERE entity_id = ANY($1) AND resolved_at IS NULL GROUP BY 1 ORDER BY 2 DESC, 1`,
    [[...entityIds]],
  );
  return rows;
}

/** How many records that still fail a filter means. */
export async function countMatchingFailed(
  entityIds: readonly string[],
  { feed, class: errorClass, state }: FailedFilter,
): Promise<number> {
  const { rows } = await appPool().query<{ count: number }>(
    `SELECT count(*)::int AS count FROM failed_record x
      WHERE x.entity_id = ANY($1) AND x.resolved_at IS NULL AND ($2::text IS NULL OR x.feed_id = $2)
        AND ($3::text IS NULL OR x.error_class = $3) AND ${state ? FAILED_STATES[state] : "true"}`,
    [[...entityIds], feed ?? null, errorClass ?? null],
  );
  return rows[0]?.count ?? 0;
}

/** Records that could not be read and still can't, newest first. */
export async function findFailedRecords(
  entityIds: readonly string[],
  { feed, class: errorClass, state }: FailedFilter,
  limit: number,
): Promise<readonly FailedRow[]> {
  const { rows } = await appPool().query<FailedRow>(
    `SELECT x.id, x.order_key AS "orderKey", o.order_key IS NOT NULL AS "orderKnown", x.entity_id AS "entityId",
       x.feed_id AS "feedId", x.resource, x.source_id AS "sourceId", x.reference, x.reason, x.payload,
       x.first_seen_at AS "firstSeenAt", x.last_seen_at AS "lastSeenAt", x.error_class AS "errorClass", x.attempts,
       x.connection_id AS "connectionId", x.missing,
       x.next_try_at AS "nextTryAt", x.owner_team AS "ownerTeam", x.given_up_at AS "givenUpAt",
       x.given_up_by AS "givenUpBy", x.given_up_why AS "givenUpWhy", x.gone_at AS "goneAt"
     FROM failed_record x LEFT JOIN sales_order o ON o.order_key = x.order_key
     WHERE x.entity_id = ANY($1) AND x.resolved_at IS NULL AND ($2::text IS NULL OR x.feed_id = $2)
       AND ($3::text IS NULL OR x.error_class = $3) AND ${state ? FAILED_STATES[state] : "true"}
     ORDER BY x.last_seen_at DESC, x.id LIMIT $4`,
    [[...entityIds], feed ?? null, errorClass ?? null, limit],
  );
  return rows;
}

export type FailedJob = Readonly<{
  id: string;
  task: string;
  payload: unknown;
  entityId: string | null;
  error: string;
  attempts: number;
  failedAt: Date;
}>;

/** Jobs that failed for good and that nobody has settled, newest first; those of no single entity are of interest to all. */
export async function findFailedJobs(
  entityIds: readonly string[],
  limit: number,
): Promise<readonly FailedJob[]> {
  const { rows } = await appPool().query<FailedJob>(
    `SELECT id, task, payload, entity_id AS "entityId", error, attempts, failed_at AS "failedAt" FROM job_failure
      WHERE settled_at IS NULL AND (entity_id IS NULL OR entity_id = ANY($1)) ORDER BY failed_at DESC, id LIMIT $2`,
    [[...entityIds], limit],
  );
  return rows;
}

/** What is known of how far a feed has to go. */
export type FeedPulse = Readonly<{
  /** records that its source was found to have newer or beyond ours, when it was counted last; null: never counted */
  backlog: number | null;
  countedAt: Date | null;
  /** records a second over its last readings that found any; null: none yet */
  perSecond: number | null;
  /** groups of its entity that changed and wait to be matched */
  unmatched: number;
}>;

/** Backlog and throughput of a feed. */
export async function findPulse(feedId: string): Promise<FeedPulse> {
  const { rows } = await appPool().query<FeedPulse>(
    `WITH counted AS (
       SELECT DISTINCT ON (period) asked_at, (result -> 'missing' ->> 'count')::int + (result -> 'stale' ->> 'count')::int
              + (result -> 'fresh' ->> 'count')::int AS behind
         FROM source_count WHERE feed_id = $1 AND state <> 'unavailable' AND asked_at > now() - interval '3 days'
        ORDER BY period, asked_at DESC),
     read AS (
       SELECT found, extract(epoch FROM finished_at - started_at) AS seconds FROM run
        WHERE feed_id = $1 AND kind IN ('sync', 'backfill', 'sweep') AND state = 'done' AND found > 0 AND NOT scope ?| ARRAY['order', 'items']
        ORDER BY started_at DESC LIMIT 10)
     SELECT (SELECT sum(behind)::int FROM counted) AS backlog, (SELECT max(asked_at) FROM counted) AS "countedAt",
            (SELECT (sum(found) / greatest(sum(seconds), 0.001))::float8 FROM read) AS "perSecond",
            (SELECT count(*)::int FROM dirty_group d JOIN feed f ON f.entity_id = d.entity_id WHERE f.id = $1) AS unmatched`,
    [feedId],
  );
  return rows[0] ?? { backlog: null, countedAt: null, perSecond: null, unmatched: 0 };
}
