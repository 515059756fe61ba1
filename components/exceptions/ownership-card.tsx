import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { DayText, durationText, Instant } from "@/components/ui/instant";
import type { Tone } from "@/components/ui/tone";
import type { ExceptionView } from "@/lib/exceptions/loaders";
import { isOpen } from "@/lib/exceptions/machine";
import { STOCK } from "./both-sides";
import { PeopleActions } from "./people-actions";

const severities: Readonly<Record<string, Tone>> = { low: "neutral", medium: "attention", high: "broken" };

/** Who has an exception, by when and why, on whom it waits, and what can be done about that. */
export function OwnershipCard({ view }: Readonly<{ view: ExceptionView }>) {
  const { exception, may } = view;
  const waits = exception.state === "waiting" && exception.waitingUntil !== null;
  return (
    <Card title="Who owns it">
      <div className="flex flex-col gap-4">
        <Facts
          items={[
            { label: "Owner", value: exception.team },
            { label: "Assignee", value: exception.assignee ?? "nobody" },
            ...fact(exception.previousAssignee !== null, "Before", exception.previousAssignee),
            ...fact(
              waits,
              "Waits on",
              <>
                {exception.waitingOn} until <DayText day={exception.waitingUntil ?? ""} />
              </>,
            ),
            { label: "Due", value: <Due view={view} /> },
            ...fact(exception.escalatedAt !== null, "Escalated", <Escalated view={view} />),
            {
              label: "Severity",
              value: (
                <Badge tone={severities[exception.severity] ?? "neutral"}>
                  <span className="capitalize">{exception.severity}</span>
                </Badge>
              ),
            },
            ...aboutFacts(view),
            ...fact(view.root !== null, "Root cause", <RootCauseLink root={view.root} />),
            { label: "Entity", value: exception.entityName },
            { label: "Found", value: <Found view={view} /> },
          ]}
        />
        {may.assign && isOpen(exception.state) && (
          <PeopleActions
            exception={exception}
            people={view.people}
            teams={view.teams}
            actorId={view.actorId}
            today={view.today}
            undoable={view.undoable}
          />
        )}
      </div>
    </Card>
  );
}

/** What it is about: an item's stock is of no order and no document. */
const aboutFacts = (view: ExceptionView) =>
  view.exception.cause === STOCK
    ? [{ label: "Item", value: view.exception.about ?? view.exception.document ?? "–" }]
    : [
        { label: "Order", value: <OrderLink view={view} /> },
        { label: "Document", value: view.exception.document ?? "–" },
      ];

const fact = (there: boolean, label: string, value: ReactNode) => (there ? [{ label, value }] : []);

function Due({ view: { exception, today } }: Readonly<{ view: ExceptionView }>) {
  if (exception.due === null) return "no date";
  const isLate = exception.due < today && isOpen(exception.state);
  return (
    <>
      <span className={isLate ? "font-medium text-broken" : undefined}>
        <DayText day={exception.due} />
        {isLate && " overdue"}
      </span>
      {exception.dueWhy && <span className="block text-soft">{exception.dueWhy}</span>}
      {isLate && exception.lead === null && (
        <span className="block text-soft">{exception.team} has no lead to whom it could be escalated.</span>
      )}
    </>
  );
}

function Escalated({ view: { exception } }: Readonly<{ view: ExceptionView }>) {
  if (exception.escalatedAt === null) return null;
  return (
    <>
      to {exception.escalatedTo ?? "the team’s lead"},{" "}
      <Instant at={exception.escalatedAt} timeZone={exception.timeZone} />
    </>
  );
}

function OrderLink({ view: { exception, may } }: Readonly<{ view: ExceptionView }>) {
  const name = exception.order ?? (exception.orderKnown ? "order" : "not known");
  if (!may.seeOrder) return name;
  return (
    <Link
      href={`/orders/${exception.orderKey}` as Route}
      className="underline decoration-line-strong underline-offset-4"
    >
      {exception.orderKnown ? name : `${name} (open the document)`}
    </Link>
  );
}

/** What stands behind it, and how much else that is. */
function RootCauseLink({ root }: Readonly<{ root: ExceptionView["root"] }>) {
  if (root === null) return null;
  return (
    <>
      <Link
        href={`/exceptions/causes/${root.id}` as Route}
        className="underline decoration-line-strong underline-offset-4"
      >
        {root.title}
      </Link>
      <span className="block text-soft">{root.extent}</span>
    </>
  );
}

function Found({ view: { exception, now } }: Readonly<{ view: ExceptionView }>) {
  return (
    <>
      <Instant at={exception.firstSeenAt} timeZone={exception.timeZone} />{" "}
      <span className="text-soft">({durationText(now.getTime() - exception.firstSeenAt.getTime())} ago)</span>
    </>
  );
}
