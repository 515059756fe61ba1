import { dayIn, dayName } from "@/lib/domain/day";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { boundOf, defineAlert, mustNotExceed, quietMinutes } from "./contract";

/** Exceptions of a team that are overdue. */
export const overdue = defineAlert({
  kind: "overdue",
  title: "Overdue",
  meaning:
    "Exceptions of a team are open after the day by which somebody had to act. One alert for a team counts them all. It closes when so many are left as the closing bound says.",
  respond:
    "Open the team’s overdue exceptions, the oldest first. Work on them, hand them over with a reason, or let them wait on somebody until a day. If the days are too short for the work, change them at Settings → Due dates.",
  owner: "The team whose exceptions are overdue; they are escalated to its lead as well.",
  seenWith: "exceptions.read",
  opensWith: "exceptions.read",
  bounds: [
    {
      name: "opens",
      label: "Opens at (exceptions)",
      hint: "So many overdue exceptions of one team",
      min: 1,
      max: 1_000_000,
      is: 1,
    },
    {
      name: "closes",
      label: "Closes at (exceptions)",
      hint: "So many are left, or fewer; less than the bound at which it opens",
      min: 0,
      max: 1_000_000,
      is: 0,
    },
    quietMinutes(30),
  ],
  fault: (bounds) => mustNotExceed({ ...bounds, closes: (bounds["closes"] ?? 0) + 1 }, "closes", "opens"),
  async watch(view) {
    const today = dayIn(view.now, view.entity.timeZone);
    const { rows } = await view.pool.query<{ team: string; name: string; count: number; oldest: string }>(
      `SELECT e.owner_team AS team, coalesce(t.name, e.owner_team) AS name, count(*)::int AS count, min(e.due) AS oldest
         FROM exception e LEFT JOIN team t ON t.id = e.owner_team
        WHERE e.entity_id = $1 AND e.state IN ${OPEN_STATES} AND e.due < $2::date
        GROUP BY 1, 2 HAVING count(*) > $3 ORDER BY 1`,
      [view.entity.id, today, boundOf(view, "closes")],
    );
    return rows.map(({ team, name, count, oldest }) => ({
      subject: `team:${team}`,
      level: count >= boundOf(view, "opens") ? ("above" as const) : ("between" as const),
      title: `Overdue: ${count.toLocaleString("en")} ${count === 1 ? "exception" : "exceptions"} of ${name}`,
      body: `${name} had to act on ${count === 1 ? "it" : "them"}; the oldest was due ${dayName(oldest)}.`,
      ownerTeam: team,
      firstAction: "Work on the oldest first, or hand over with a reason what your team can’t do.",
      href: `/exceptions?entity=${encodeURIComponent(view.entity.id)}&owner=${encodeURIComponent(team)}&due=overdue&state=open`,
    }));
  },
});
