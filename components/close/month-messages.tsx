import type { ReactNode } from "react";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { SigningView } from "@/lib/close/signing-view";
import { RelockedList } from "./relocked-list";

/** What whoever opens a month has to know first: that it is closed, about to be, open again, or not signed any more. */
export function MonthMessages({ view, timeZone }: Readonly<{ view: SigningView; timeZone: string }>) {
  const { period, relocked, suspended } = view;
  if (period.state === "closed") {
    return (
      <Message tone="neutral" title="This month is closed.">
        {relocked.length === 0
          ? "What was signed is locked."
          : "What was signed is locked, but for single orders that were locked anew after it was signed:"}
        {relocked.length > 0 && <RelockedList locks={relocked} timeZone={timeZone} />} The strip at the top
        shows what is locked, with{" "}
        <Part href={`/close/${view.month}/locked?entity=${encodeURIComponent(view.entityId)}&of=causes`}>
          the bridge and causes of the lock
        </Part>
        ; bridge, causes and lines on this page are live: what came later is under{" "}
        <Part href="#late">late arrivals</Part>.
      </Message>
    );
  }
  return (
    <>
      {period.reopenedUntil && (
        <Message tone="attention" title="This month was closed, and is open again.">
          Until <Instant at={period.reopenedUntil} timeZone={timeZone} />; then it closes by itself on its
          last lock, unless it is signed and closed before. <Part href="#closed">Who opened it, and why</Part>
        </Message>
      )}
      {suspended && (
        <Message tone="attention" title="The signatures of this month do not count any more.">
          Its figures moved after it was signed; it has to be signed again.{" "}
          <Part href="#sign-off">Who signed</Part>,{" "}
          <Part href={`/close/${view.month}/why?entity=${encodeURIComponent(view.entityId)}&since=sign-off`}>
            the list of what moved them since
          </Part>
        </Message>
      )}
      {period.softClosedAt && (
        <Message tone="attention" title="This month is about to be closed.">
          {period.softClosedBy} asks everybody to change nothing of it any more without need.
        </Message>
      )}
    </>
  );
}

const Part = ({ href, children }: Readonly<{ href: string; children: ReactNode }>) => (
  <a href={href} className="underline underline-offset-4">
    {children}
  </a>
);
