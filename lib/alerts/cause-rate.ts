import { causeOf } from "@/lib/causes/registry";
import { dayIn, dayName } from "@/lib/domain/day";
import { lowerFirst } from "@/lib/domain/words";
import { changesIn } from "@/lib/root-causes/began";
import { boundOf, defineAlert, mustNotExceed, quietMinutes, type Sighting, type Watch } from "./contract";

const DAY = 86_400_000;
/** What a cause is held against: so many days before the last 24 hours. */
const HISTORY_DAYS = 28;
/** With fewer days of history nothing is said: what is usual is not known yet. */
export const HISTORY_LEAST = 7;
/** Changes are named that were made in so many days before the first of the new exceptions. */
const CHANGES_DAYS = 2;
const CHANGES_NAMED = 3;

type Row = Readonly<{ cause: string; recent: number; before: number; first: Date }>;

/** A cause that comes more often than it used to. */
export const causeRate = defineAlert({
  kind: "cause-rate",
  title: "Cause comes more often",
  meaning: `In the last 24 hours more exceptions of a cause were found than its own history says is usual: the average day of the ${HISTORY_DAYS} days before. Nothing is said before ${HISTORY_LEAST} days of history are there; the first day, which finds what was there already, does not count. It closes when the cause is back to what is usual.`,
  respond:
    "Look at what the alert says was changed just before: a mapping, a rounding policy, a cut-off. That it happened at the same time is no proof; the root causes of the cause say what the affected orders have in common. Put the change right, then have its exceptions put right together.",
  owner: "The team that owns the cause.",
  seenWith: "exceptions.read",
  opensWith: "exceptions.read",
  bounds: [
    {
      name: "least",
      label: "At least (exceptions in 24 h)",
      hint: "Fewer than that are never an alert",
      min: 1,
      max: 1_000_000,
      is: 10,
    },
    {
      name: "opens",
      label: "Opens at (times the usual)",
      hint: "So many times the average day of its own history",
      min: 2,
      max: 1000,
      is: 4,
    },
    {
      name: "closes",
      label: "Closes below (times the usual)",
      hint: "Not above the bound at which it opens",
      min: 1,
      max: 1000,
      is: 2,
    },
    quietMinutes(60),
  ],
  fault: (bounds) => mustNotExceed(bounds, "closes", "opens"),
  async watch(view) {
    const until = new Date(view.now.getTime() - DAY);
    const from = await historyFrom(view, until);
    if (from === null) return [];
    const days = (until.getTime() - from.getTime()) / DAY;
    const { rows } = await view.pool.query<Row>(
      `SELECT cause, count(*) FILTER (WHERE first_seen_at > $3)::int AS recent,
              count(*) FILTER (WHERE first_seen_at <= $3)::int AS before, min(first_seen_at) FILTER (WHERE first_seen_at > $3) AS first
         FROM exception WHERE entity_id = $1 AND first_seen_at > $2 AND first_seen_at <= $4
        GROUP BY 1 HAVING count(*) FILTER (WHERE first_seen_at > $3) > 0 ORDER BY 1`,
      [view.entity.id, from, until, view.now],
    );
    const found: Sighting[] = [];
    for (const row of rows) {
      const level = levelOf(row.recent, row.before / days, view);
      if (level !== null) found.push(await sightingOf(view, row, days, level));
    }
    return found;
  },
});

/** From when on its history counts: a day after the first reconciliation; null: there is too little. */
async function historyFrom({ pool, entity }: Watch, until: Date): Promise<Date | null> {
  const { rows } = await pool.query<{ begun: Date | null }>(
    "SELECT min(finished_at) AS begun FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done'",
    [entity.id],
  );
  const begun = rows[0]?.begun;
  if (!begun) return null;
  const from = new Date(Math.max(begun.getTime() + DAY, until.getTime() - HISTORY_DAYS * DAY));
  return until.getTime() - from.getTime() >= HISTORY_LEAST * DAY ? from : null;
}

/** How a day's count stands to the usual; null: below the closing bound. */
function levelOf(recent: number, usual: number, view: Watch): Sighting["level"] | null {
  const least = boundOf(view, "least");
  if (recent >= least && recent >= boundOf(view, "opens") * usual) return "above";
  return 2 * recent >= least && recent >= boundOf(view, "closes") * usual ? "between" : null;
}

async function sightingOf(view: Watch, row: Row, days: number, level: Sighting["level"]): Promise<Sighting> {
  const title = causeOf(row.cause)?.title ?? row.cause;
  const usual = row.before / days;
  const whole = Math.floor(days);
  const times = usual > 0 ? Math.floor(row.recent / usual) : null;
  const zone = view.entity.timeZone;
  const changes = await changesIn(
    view.pool,
    view.entity.id,
    dayIn(new Date(row.first.getTime() - CHANGES_DAYS * DAY), zone),
    dayIn(row.first, zone),
  );
  const named = changes.slice(-CHANGES_NAMED);
  const newest = named.at(-1);
  const changed = newest
    ? `Changed just before: ${named.map(({ day, text, by }) => `${dayName(day)}, ${by ?? "a job"}: ${lowerFirst(text)}`).join("; ")}. That it happened at the same time is no proof.`
    : "No setting or mapping was changed here in the two days before: what changed may be in the ERP or in SCAYLE.";
  return {
    subject: `cause:${row.cause}`,
    level,
    title: `${title}: ${times === null ? `${row.recent.toLocaleString("en")} in a day, and none before` : `${times.toLocaleString("en")} × the usual`}${newest ? `, since a change of ${dayName(newest.day)}` : ""}`,
    body: `${row.recent.toLocaleString("en")} were found in the last 24 hours; in the ${whole} days before ${usual === 0 ? "there were none" : `it was ${usual < 10 ? usual.toFixed(1) : Math.round(usual).toLocaleString("en")} a day`}. ${changed}`,
    ownerTeam: view.ownerOf(row.cause, null),
    firstAction: newest
      ? "See whether the change that is named is right; if not, take it back, and put its exceptions right together."
      : "Look at what the affected orders have in common, on the root causes of this cause.",
    href: `/exceptions/causes?entity=${encodeURIComponent(view.entity.id)}&cause=${encodeURIComponent(row.cause)}`,
  };
}
