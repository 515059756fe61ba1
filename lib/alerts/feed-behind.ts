import { durationWords } from "@/lib/domain/duration";
import { feedName } from "@/lib/domain/feed-name";
import { SYSTEM_RESOURCES } from "@/lib/sync/resources";
import { boundOf, defineAlert, mustNotExceed, quietMinutes, type Sighting, type Watch } from "./contract";

type Row = Readonly<{
  id: string;
  resource: string;
  side: string;
  shop: string | null;
  lag: number;
  promise: number;
  held: string | null;
  error: string | null;
}>;

/** A feed that is further behind its source than it promises, or is held. */
export const feedBehind = defineAlert({
  kind: "feed-behind",
  title: "Feed behind",
  meaning:
    "A feed is further behind its source than it promises, or is not read at all because its source refused it. What is shown of its orders, documents or stock may be out of date. It closes when the feed has caught up.",
  respond:
    "Open the feed. If it is held, put its credentials right and let it go on. If its last run failed, its error says what the source answered: sync once more, and tell whoever runs the source when it fails again. If it is slowed down on purpose, wait for the peak to pass.",
  owner: "The team that owns the cause “Feed behind”.",
  // That figures may be old is no figure: everybody who answers customers has to know.
  seenWith: "orders.read",
  opensWith: "feeds.read",
  bounds: [
    {
      name: "opens",
      label: "Opens at (% of the promise)",
      hint: "100 % is as far behind as the feed promises to be at most",
      min: 100,
      max: 10_000,
      is: 150,
    },
    {
      name: "closes",
      label: "Closes below (% of the promise)",
      hint: "Not above the bound at which it opens",
      min: 1,
      max: 10_000,
      is: 100,
    },
    quietMinutes(0),
  ],
  fault: (bounds) => mustNotExceed(bounds, "closes", "opens"),
  async watch(view) {
    const { rows } = await view.pool.query<Row>(
      `SELECT f.id, f.resource, c.side, s.name AS shop, f.promise_seconds AS promise, f.held_reason AS held,
              extract(epoch FROM $3::timestamptz - coalesce(f.confirmed_until, f.created_at))::float8 AS lag,
              (SELECT r.error FROM run r WHERE r.feed_id = f.id AND r.kind = 'sync' AND r.state <> 'running'
                ORDER BY r.started_at DESC LIMIT 1) AS error
         FROM feed f JOIN connection c ON c.id = f.connection_id LEFT JOIN shop s ON s.id = f.shop_id
        WHERE f.entity_id = $1 AND f.resource = ANY($2) AND c.retired_at IS NULL
          AND (f.held_at IS NOT NULL OR extract(epoch FROM $3::timestamptz - coalesce(f.confirmed_until, f.created_at))
               >= f.promise_seconds * $4::float8 / 100)
        ORDER BY f.id`,
      [view.entity.id, [...SYSTEM_RESOURCES], view.now, boundOf(view, "closes")],
    );
    return rows.map((row) => sightingOf(row, view));
  },
});

function sightingOf(row: Row, view: Watch): Sighting {
  const name = feedName(row);
  const href = `/feeds/feed?id=${encodeURIComponent(row.id)}`;
  const ownerTeam = view.ownerOf("feed-behind", null);
  const common = { subject: `feed:${row.id}`, ownerTeam, href };
  if (row.held !== null)
    return {
      ...common,
      level: "above",
      title: `Not read any more: ${name}`,
      body: `The feed “${name}” is held: ${row.held} What is shown of it gets older until somebody lets it go on.`,
      firstAction: "Put the credentials right, then let the feed go on.",
    };
  const promise = durationWords(row.promise);
  return {
    ...common,
    level: row.lag >= (row.promise * boundOf(view, "opens")) / 100 ? "above" : "between",
    title: `Behind: ${name}`,
    // The lag grows by itself: what is said of it is a bound, so that the words stand still.
    body: `The feed “${name}” promises to be at most ${promise} behind its source, and is further behind: what is shown of it may be out of date.${row.error ? ` Its last run failed: ${row.error}` : ""}`,
    firstAction: row.error
      ? "Look at what its last run was answered, and sync once more."
      : "Open the feed and see whether it is being read or waits for a worker.",
  };
}
