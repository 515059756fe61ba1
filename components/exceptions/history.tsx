import { Card } from "@/components/ui/card";
import { Timeline, type TimelineItem } from "@/components/ui/timeline";
import type { Tone } from "@/components/ui/tone";
import type { ExceptionView } from "@/lib/exceptions/loaders";
import { CommentForm } from "./comment-form";

/** What people did and said, what was sent, and what both systems told and were read with, in one line of time. */
export function History({ view }: Readonly<{ view: ExceptionView }>) {
  const { exception, may, readers } = view;
  const items = [...view.moments.map(momentOf), ...view.sources.map(sourceOf)].sort(
    (a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? -1 : 1),
  );
  return (
    <Card title="History">
      <div className="flex flex-col gap-4">
        {may.comment && <CommentForm id={exception.id} entityId={exception.entityId} people={readers} />}
        {items.length === 0 ? (
          <p className="text-sm text-soft">Nothing has happened to it since it was found.</p>
        ) : (
          <Timeline label="What happened to this exception" timeZone={exception.timeZone} items={items} />
        )}
      </div>
    </Card>
  );
}

const momentOf = (moment: ExceptionView["moments"][number]): TimelineItem => ({
  id: moment.id,
  at: moment.at,
  title: titles[moment.kind] ?? moment.kind,
  by: moment.actorName,
  body: moment.former === null ? moment.text : `${moment.text ?? ""} (when it was “${moment.former}”)`.trim(),
  tone: tones[moment.kind] ?? "neutral",
});

const runs: Readonly<Record<string, string>> = {
  sync: "sync",
  backfill: "back-fill",
  sweep: "sweep",
  resync: "resync",
  import: "import",
  recount: "recount",
};

const became: Readonly<Record<string, string>> = {
  created: "first read",
  changed: "read again, and changed",
  rekeyed: "linked to this order",
  gone: "not at its source any more",
  "posted-changed": "changed after it was posted",
  withdrawn: "not in the ledger any more",
};

const resynced: Readonly<Record<string, string>> = {
  waiting: "waits to be read again",
  unchanged: "read again, nothing new",
  changed: "read again, and changed",
  solved: "read again, and nothing is open of it any more",
  failed: "could not be read again",
};

/** An event of a system, or a version that was read, as the line of time shows it. */
function sourceOf({
  id,
  at,
  kind,
  where,
  what,
  text,
  run,
  by,
}: ExceptionView["sources"][number]): TimelineItem {
  const read = run === null ? where : `${where}, by a ${runs[run] ?? run}${by ? ` (${by})` : ""}`;
  switch (kind) {
    case "event":
      return { id, at, title: `${where} told: ${what}`, by: "webhook", body: text, tone: "neutral" };
    case "order":
      return {
        ...{ id, at, by: read, tone: "neutral" },
        title: what === "invoices" ? "Invoice list read: a new version" : "Order read: a new version",
      };
    case "document":
      return { id, at, title: `${text ?? "Document"} ${became[what] ?? what}`, by: read, tone: "neutral" };
    case "resync":
      return {
        id,
        at,
        title: `Order ${resynced[what] ?? what}`,
        by: by ?? where,
        body: text,
        tone: "neutral",
      };
  }
}

const titles: Readonly<Record<string, string>> = {
  found: "Found",
  changed: "Figures changed",
  reopened: "Reopened",
  resolved: "Resolved",
  succeeded: "Took over",
  assigned: "Assigned",
  "handed-over": "Handed over",
  "passed-back": "Passed back",
  taken: "Taken over",
  started: "Work started",
  waiting: "Waits",
  woken: "Back from waiting",
  escalated: "Escalated",
  undone: "Taken back",
  "acceptance-asked": "Acceptance asked for",
  "acceptance-rejected": "Acceptance rejected",
  accepted: "Accepted",
  "resolution-asked": "Resolution asked for",
  "resolution-approved": "Resolution approved",
  "resolution-rejected": "Resolution rejected",
  "resolution-begun": "Resolution begun",
  "resolution-instructed": "To be done by hand",
  "resolution-proved": "Put right and read back",
  "resolution-taken-back": "Taken back, and read back",
  "resolution-reopened": "Resolution had no effect",
  "resolution-refused": "Resolution not sent",
  "resolution-failed": "Resolution not sent",
  "resolution-cancelled": "Resolution withdrawn",
  commented: "Comment",
};
const tones: Readonly<Record<string, Tone>> = {
  found: "attention",
  reopened: "attention",
  resolved: "agrees",
  changed: "explained",
  accepted: "explained",
  escalated: "broken",
  "acceptance-asked": "attention",
  "resolution-asked": "attention",
  "resolution-instructed": "attention",
  "resolution-proved": "agrees",
  "resolution-taken-back": "attention",
  "resolution-reopened": "broken",
  "resolution-refused": "attention",
  "resolution-failed": "broken",
};
