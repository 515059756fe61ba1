import { Card } from "@/components/ui/card";
import { Timeline } from "@/components/ui/timeline";
import type { SettingChange } from "@/lib/ownership/data";

const titles: Readonly<Record<string, string>> = {
  "ownership.set": "Owner set",
  "ownership.remove": "Owner removed",
  "ownership.import": "Table imported",
  "team.set": "Team saved",
  "due.set": "Due dates set",
  "calendar.set": "Day entered",
  "calendar.remove": "Day removed",
  "calendar.country": "Holidays chosen",
};

/** What was changed here, by whom: the newest of the audit trail. */
export function ChangesCard({
  history,
  timeZone,
}: Readonly<{
  history: readonly (SettingChange & Readonly<{ about?: string | undefined }>)[];
  timeZone: string;
}>) {
  if (history.length === 0) return null;
  return (
    <Card title="What was changed" description="The newest 50; the audit trail has all">
      <Timeline
        label="Changes, newest first"
        timeZone={timeZone}
        items={history.map((one) => ({
          id: one.id,
          at: one.at,
          title: `${titles[one.action] ?? one.action} · ${one.about ?? one.subject.replace(/^[a-z]+:/, "")}`,
          by: one.actorName,
          body: `${said(one.before)} → ${said(one.after)}`,
        }))}
      />
    </Card>
  );
}

/** A value of the trail in a line. */
function said(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? "row" : "rows"}`;
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .filter(([name, one]) => name !== "moved" || one !== 0)
    .map(([name, one]) =>
      name === "moved"
        ? `${one} open ${one === 1 ? "exception" : "exceptions"} moved`
        : `${name} ${Array.isArray(one) ? one.length : (one ?? "none")}`,
    )
    .join(", ");
}
