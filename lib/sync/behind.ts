import type pg from "pg";
import { feedBehind } from "@/lib/causes/feed-behind";
import { dayIn, monthOf } from "@/lib/domain/day";
import { durationWords } from "@/lib/domain/duration";
import { idOf } from "@/lib/domain/identity";
import { loadDueRules } from "@/lib/matching/due";
import { loadOwnership } from "@/lib/matching/ownership";
import { keepStanding, type Standing } from "@/lib/matching/standing";
import { SYSTEM_RESOURCES } from "./resources";

type Row = Readonly<{
  id: string;
  currency: string;
  time_zone: string;
  confirmed_until: Date | null;
  created_at: Date;
  promise_seconds: number;
  held_reason: string | null;
  stretch_reason: string | null;
  last_error: string | null;
  counts: readonly Counted[] | null;
}>;

type Counted = Readonly<{
  period: string;
  askedAt: string;
  missing: number;
  stale: number;
  names: readonly string[];
}>;

/**
 * Opens an exception for each feed of an entity that is further behind its source than it promises, or whose source named
 * records, when it was counted last, that are not here; resolves those that have caught up. The figures in its words stand
 * still while nothing changes: the lag is told by the moment up to which an answer was confirmed. Inside the caller's
 * transaction.
 */
export async function keepFeedsBehind(
  client: pg.PoolClient,
  entityId: string,
  at: Date,
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const { rows } = await client.query<Row>(FEEDS, [entityId, [...SYSTEM_RESOURCES], at]);
  const ownership = await loadOwnership(client, entityId);
  const { rows: runs } = await client.query<{ id: string }>(
    "SELECT id FROM run WHERE entity_id = $1 ORDER BY started_at DESC, id LIMIT 1",
    [entityId],
  );
  const moment = {
    at,
    runId: runs[0]?.id ?? idOf("no run", entityId),
    timeZone: rows[0]?.time_zone ?? "UTC",
    due: await loadDueRules(client, entityId),
  };
  return keepStanding(
    client,
    entityId,
    { cause: feedBehind, ownerTeam: ownership(feedBehind.code, null), cleared: "The feed has caught up." },
    rows.flatMap((row) => {
      const why = [...lateness(row, at), ...(row.counts ?? []).map(shortfall)];
      return why.length === 0 ? [] : [standingOf(row, entityId, why, at)];
    }),
    moment,
  );
}

// What was found missing and has come since is not missing any more: the names of a count are held against what is here.
const FEEDS = `
  SELECT f.id, e.currency, e.time_zone, f.confirmed_until, f.created_at, f.promise_seconds, f.held_reason, f.stretch_reason,
         (SELECT r.error FROM run r WHERE r.feed_id = f.id AND r.kind = 'sync' AND r.state <> 'running'
           ORDER BY r.started_at DESC LIMIT 1) AS last_error,
         (SELECT json_agg(json_build_object('period', c.period, 'askedAt', c.asked_at, 'missing', c.missing, 'stale', c.stale,
                   'names', c.names) ORDER BY c.period)
            FROM (SELECT DISTINCT ON (s.period) s.period, s.asked_at, s.state,
                         (s.result -> 'missing' ->> 'count')::int AS missing, (s.result -> 'stale' ->> 'count')::int AS stale,
                         (s.result -> 'missing' -> 'ids') || (s.result -> 'stale' -> 'ids') AS names
                    FROM source_count s WHERE s.feed_id = f.id AND s.state <> 'unavailable' AND s.asked_at > $3::timestamptz - interval '3 days'
                   ORDER BY s.period, s.asked_at DESC) AS c
           WHERE c.state = 'differs' AND c.missing + c.stale > 0) AS counts
    FROM feed f JOIN connection k ON k.id = f.connection_id JOIN entity e ON e.id = f.entity_id
   WHERE f.entity_id = $1 AND f.resource = ANY($2) AND k.retired_at IS NULL AND e.retired_at IS NULL ORDER BY f.id`;

function lateness(row: Row, at: Date): readonly string[] {
  // A feed that was never read counts from when it was made: its first reading may take its time.
  const since = row.confirmed_until ?? row.created_at;
  if ((at.getTime() - since.getTime()) / 1000 <= row.promise_seconds) return [];
  const promise = durationWords(row.promise_seconds);
  const told = row.confirmed_until
    ? `Its source last confirmed an answer up to ${instantWords(row.confirmed_until, row.time_zone)}; it promises to be at most ${promise} behind.`
    : `It was never read to the end since it was made on ${instantWords(row.created_at, row.time_zone)}; it promises ${promise}.`;
  const why = row.held_reason ?? row.last_error ?? row.stretch_reason;
  return [why ? `${told} ${why}` : told];
}

function shortfall({ period, askedAt, missing, stale, names }: Counted): string {
  const counted = (count: number, one: string, many: string): string =>
    `${count} ${count === 1 ? one : many}`;
  const what = [
    ...(missing > 0 ? [counted(missing, "record that is not here", "records that are not here")] : []),
    ...(stale > 0
      ? [counted(stale, "record in a newer version than ours", "records in a newer version than ours")]
      : []),
  ].join(" and ");
  const some = names.slice(0, 5).join(", ");
  return `It looks current and is not: counted at ${askedAt.slice(0, 16).replace("T", " ")} UTC, its source has ${what} in ${period} (${some}${names.length > 5 ? ", …" : ""}).`;
}

function standingOf(row: Row, entityId: string, why: readonly string[], at: Date): Standing {
  return {
    orderKey: idOf("feed", entityId, row.id),
    subject: `feed ${row.id}`,
    documentKind: "sale",
    orderReference: null,
    documentNumber: row.id,
    period: monthOf(dayIn(at, row.time_zone)),
    currency: row.currency,
    signature: row.counts ? "counts disagree" : "behind its promise",
    explanation: `The feed ${row.id} is behind. ${why.join(" ")}`,
    about: `feed ${row.id}`,
    matter: row.counts ? "its count differs" : "behind",
    steps: why,
  };
}

const instantWords = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  }).format(at);
