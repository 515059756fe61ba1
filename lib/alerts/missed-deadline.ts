import { addMonths, dayIn, dayName, monthName, monthOf } from "@/lib/domain/day";
import { findCutOff } from "@/lib/sync/data-cut-off";
import { boundOf, defineAlert, quietMinutes, type Sighting, type Watch } from "./contract";
import { IS_OPEN_PERIOD, type LateTask, lateTasksOf } from "./late-tasks";

/** A task of the close checklist that is late, or a cut-off that feeds are not confirmed up to. */
export const missedDeadline = defineAlert({
  kind: "missed-deadline",
  title: "Deadline missed",
  meaning:
    "A task of a month’s close checklist was due and is not complete, or the cut-off of a month has passed and a feed is not confirmed up to it. One alert for a month and team names all its late tasks. It closes when they are complete, or the month is closed.",
  respond:
    "Open the month’s checklist. Complete what is late, or hand it to somebody who can; a task that completes by itself says which fact is missing. For a cut-off, sync the feeds that are named.",
  owner: "The team that owns the late task; a cut-off is of operations.",
  seenWith: "close.read",
  opensWith: "close.read",
  bounds: [
    {
      name: "months",
      label: "Months that are watched",
      hint: "The last so many months that have ended and are not closed",
      min: 1,
      max: 24,
      is: 2,
    },
    quietMinutes(0),
  ],
  fault: () => null,
  async watch(view) {
    const today = dayIn(view.now, view.entity.timeZone);
    const { rows } = await view.pool.query<{ month: string }>(
      `SELECT month FROM period WHERE entity_id = $1 AND month < $2 AND month >= $3 AND ${IS_OPEN_PERIOD} ORDER BY month`,
      [view.entity.id, monthOf(today), addMonths(monthOf(today), -boundOf(view, "months"))],
    );
    const found: Sighting[] = [];
    for (const { month } of rows) {
      found.push(...(await cutOffOf(view, month)));
      const late = await lateTasksOf(view.pool, view.entity.id, month, today, view.now);
      for (const team of [...new Set(late.map((task) => task.ownerTeam))].sort())
        found.push(
          tasksOf(
            view,
            month,
            team,
            late.filter((task) => task.ownerTeam === team),
          ),
        );
    }
    return found;
  },
  async stays(view, subjects) {
    const today = dayIn(view.now, view.entity.timeZone);
    const months = boundOf(view, "months");
    const { rows } = await view.pool.query<{ month: string }>(
      `SELECT month FROM period WHERE entity_id = $1 AND month < $2 AND ${IS_OPEN_PERIOD}`,
      [view.entity.id, addMonths(monthOf(today), -months)],
    );
    const out = new Set(rows.map((row) => row.month));
    return new Map(
      subjects
        .filter((subject) => out.has(/^[a-z-]+:(\d{4}-\d{2})/.exec(subject)?.[1] ?? ""))
        .map((subject) => [
          subject,
          `It is no longer watched for: only ${months === 1 ? "the last month" : `the last ${months} months`} that ended ${months === 1 ? "is" : "are"}. The month is not closed.`,
        ]),
    );
  },
});

function tasksOf(view: Watch, month: string, team: string, late: readonly LateTask[]): Sighting {
  const [first] = late;
  const more = late.length - 1;
  const words = late.map((task) => `“${task.title}” (due ${dayName(task.due)})`).join(", ");
  return {
    subject: `tasks:${month}/${team}`,
    level: "above",
    title: `Late in the close of ${monthName(month)}: ${first?.title ?? ""}${more > 0 ? ` and ${more} more` : ""}`,
    body: `Due and not complete: ${words}.`,
    ownerTeam: team,
    firstAction: `Complete “${first?.title ?? ""}”${first?.says ? `: ${first.says}` : ", or hand it to somebody who can."}`,
    href: `/close/${month}?entity=${encodeURIComponent(view.entity.id)}`,
  };
}

async function cutOffOf(view: Watch, month: string): Promise<readonly Sighting[]> {
  const cutOff = await findCutOff(view.entity.id, month, view.now);
  if (!cutOff || cutOff.at > view.now) return [];
  const behind = cutOff.feeds.filter((feed) => feed.state === "behind");
  if (behind.length === 0) return [];
  return [
    {
      subject: `cut-off:${month}`,
      level: "above",
      title: `Cut-off of ${monthName(month)} missed`,
      body: `The cut-off was ${dayName(dayIn(cutOff.at, view.entity.timeZone))}, ${cutOff.hours} h after the month’s end. Not confirmed up to it: ${behind.map((feed) => feed.id).join(", ")}.`,
      ownerTeam: "operations",
      firstAction: "Sync the feeds that are named; their last runs say what kept them.",
      href: `/feeds?entity=${encodeURIComponent(view.entity.id)}`,
    },
  ];
}
