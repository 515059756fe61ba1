import type pg from "pg";
import type { Io } from "@/lib/connectors/contract";
import type { Feed } from "./feeds";

/** What a feed's reading cost, and what else waits for the same source and the same workers. */
export type Load = Readonly<{
  tookMilliseconds: number;
  /** webhooks of its connection whose order is still to be read again */
  waitingEvents: number;
  /** jobs that are due and that no worker has taken */
  waitingJobs: number;
  /** what the source said was left of its rate limit when it was asked last; null: it says nothing, or a while ago */
  rateLeft: Readonly<{ remaining: number; limit: number }> | null;
}>;

/** More than a page of events waits: they are read by the list, and the list needs the calls. */
const EVENTS_MANY = 100;
const JOBS_MANY = 50;
const RATE_SHARE_LEAST = 0.2;
const LIVE_RATE_SHARE_LEAST = 0.05;
const STRETCH_MAX = 8;

/** Measures the load at the end of a reading, in its transaction. */
export async function loadOf(
  client: pg.ClientBase,
  { connectionId, connection }: Feed,
  { http }: Io,
  tookMilliseconds: number,
): Promise<Load> {
  const { rows } = await client.query<{ events: number; jobs: number }>(
    `SELECT (SELECT count(*)::int FROM webhook_event WHERE connection_id = $1 AND state = 'waiting') AS events,
            (SELECT count(*)::int FROM graphile_worker.jobs WHERE locked_at IS NULL AND run_at <= now() AND attempts < max_attempts) AS jobs`,
    [connectionId],
  );
  const baseUrl = baseUrlOf(connection.settings);
  return {
    tookMilliseconds,
    waitingEvents: rows[0]?.events ?? 0,
    waitingJobs: rows[0]?.jobs ?? 0,
    rateLeft: baseUrl === null ? null : (http.rateLeft?.(baseUrl) ?? null),
  };
}

/** Where a connection is called; null where its settings name no address. */
function baseUrlOf(settings: unknown): string | null {
  const { baseUrl } = (settings ?? {}) as Readonly<Record<string, unknown>>;
  return typeof baseUrl === "string" && URL.canParse(baseUrl) ? baseUrl.replace(/\/+$/, "") : null;
}

/** What is stated is the source's own number: one that no column holds is as good as no limit, and stops no reading. */
const bounded = (stated: number): number => Math.min(2_147_483_647, Math.max(0, Math.trunc(stated)));

/**
 * Keeps what the source stated of its rate limits while a feed was read, for people to see. Readings of several feeds of a
 * connection may end in any order: what was stated later stays.
 */
export async function keepBudgets(
  client: pg.ClientBase,
  { connectionId, connection }: Feed,
  { http }: Io,
): Promise<void> {
  const baseUrl = baseUrlOf(connection.settings);
  const stated = baseUrl === null ? [] : (http.rateStated?.(baseUrl) ?? []);
  // In one order, so that two readings that end together don't wait for each other.
  const sorted = [...stated].sort((a, b) => (a.scope < b.scope ? -1 : 1));
  if (sorted.length === 0) return;
  await client.query(
    `INSERT INTO rate_budget (connection_id, scope, "limit", remaining, reset_at, stated_at)
     SELECT $1, * FROM unnest($2::text[], $3::int[], $4::int[], $5::timestamptz[], $6::timestamptz[])
     ON CONFLICT (connection_id, scope) DO UPDATE SET "limit" = excluded."limit", remaining = excluded.remaining,
       reset_at = excluded.reset_at, stated_at = excluded.stated_at WHERE rate_budget.stated_at <= excluded.stated_at`,
    [
      connectionId,
      sorted.map((one) => one.scope.slice(0, 200)),
      sorted.map((one) => (one.limit === null ? null : bounded(one.limit))),
      sorted.map((one) => bounded(one.remaining)),
      sorted.map((one) => one.resetAt),
      sorted.map((one) => one.statedAt),
    ],
  );
}

/**
 * At peak a feed of the financial lane waits longer, on purpose, and says so with the numbers: where its reading takes more
 * than half of its interval, where many webhooks wait for the same source, where jobs queue up, or where little is left of
 * the source's rate limit. A feed of the live lane waits only where it can't be helped: where its own reading takes too long, or
 * the limit is all but used up. It comes back to its interval by itself, by half each time.
 */
export function stretchOf(
  { intervalSeconds, stretch, lane }: Readonly<{ intervalSeconds: number; stretch: number; lane: string }>,
  { tookMilliseconds, waitingEvents, waitingJobs, rateLeft }: Load,
): Readonly<{ stretch: number; reason: string | null }> {
  const minutes = (seconds: number): string => `${Math.round(seconds / 60)} min`;
  const number = (count: number): string => count.toLocaleString("en");
  const share = tookMilliseconds / 1000 / intervalSeconds;
  const grounds: Readonly<{ wanted: number; words: string }>[] = [];
  if (share > 0.5) {
    const words = `its last run took ${minutes(tookMilliseconds / 1000)} of an interval of ${minutes(intervalSeconds)}`;
    grounds.push({ wanted: Math.ceil(share * 2), words });
  }
  const isLive = lane === "live";
  if (!isLive && waitingEvents > EVENTS_MANY) {
    const words = `${number(waitingEvents)} webhooks wait for their orders to be read`;
    grounds.push({ wanted: waitingEvents > 10 * EVENTS_MANY ? 4 : 2, words });
  }
  if (!isLive && waitingJobs > JOBS_MANY) {
    grounds.push({ wanted: 2, words: `${number(waitingJobs)} jobs are due and wait for a worker` });
  }
  if (rateLeft && rateLeft.remaining < rateLeft.limit * (isLive ? LIVE_RATE_SHARE_LEAST : RATE_SHARE_LEAST)) {
    const words = `${number(rateLeft.remaining)} of ${number(rateLeft.limit)} calls were left of the source's limit`;
    grounds.push({ wanted: 2, words });
  }
  const asked = Math.max(0, ...grounds.map((one) => one.wanted));
  const wanted = Math.min(STRETCH_MAX, asked > 1 ? asked : Math.max(1, Math.floor(stretch / 2)));
  if (wanted === 1) return { stretch: 1, reason: null };
  const why =
    grounds.length > 0
      ? grounds.map((one) => one.words).join("; ")
      : "the peak is over, and it comes back by half each time";
  const purpose = isLive
    ? "so that the source's limit holds"
    : "so that the source's limit is left to the live lane";
  return {
    stretch: wanted,
    reason: `Slowed down to every ${minutes(intervalSeconds * wanted)}, ${purpose}: ${why}.`,
  };
}
