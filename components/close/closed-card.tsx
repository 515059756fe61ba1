import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { Tone } from "@/components/ui/tone";
import type { Lock } from "@/lib/close/locks";
import type { Reopening, SigningView } from "@/lib/close/signing-view";
import { monthName } from "@/lib/domain/day";
import { LockChanges } from "./relocked-list";
import { DecideReopening, ReopenForm } from "./sign-acts";

/** A closed month: what is locked, what came later, and how it is opened again. */
export function ClosedCard({ view, timeZone }: Readonly<{ view: SigningView; timeZone: string }>) {
  const { entityId, month, period, locks, reopenings, me, may } = view;
  if (locks.length === 0) return null;
  const isClosed = period.state === "closed";
  const open = reopenings.filter((one) => one.state === "asked");
  return (
    <Card
      id="closed"
      title={isClosed ? "Closed" : "Reopened"}
      description="What is locked cannot be changed by anybody; the live figures go on"
    >
      <div className="flex flex-col gap-4 text-sm">
        <ul aria-label="Locks" className="flex flex-col gap-2">
          {locks.map((lock) => (
            <LockRow key={lock.lockNo} lock={lock} timeZone={timeZone} />
          ))}
        </ul>
        {open.map((one) => (
          <div key={one.id} className="flex flex-col gap-2 rounded-md border border-line p-3">
            <p>
              <span className="font-medium">{one.askedBy}</span> asks to reopen {whatOf(one)}:{" "}
              <span className="text-soft">“{one.reason}”</span> (
              <Instant at={one.askedAt} timeZone={timeZone} />)
            </p>
            {may.decide && one.askedById !== me ? (
              <DecideReopening entityId={entityId} id={one.id} />
            ) : (
              <p className="text-soft">
                {one.askedById === me ? "Somebody else decides." : "A reviewer of finance decides."}
              </p>
            )}
          </div>
        ))}
        {isClosed && may.reopen && <ReopenForm entityId={entityId} month={month} />}
        <Decided reopenings={reopenings.filter((one) => one.state !== "asked")} timeZone={timeZone} />
      </div>
    </Card>
  );
}

const whatOf = ({ order, hours }: Reopening): string =>
  order ? `order ${order} alone` : `the month for ${hours === 1 ? "1 hour" : `${hours} hours`}`;

function LockRow({ lock, timeZone }: Readonly<{ lock: Lock; timeZone: string }>) {
  const counts = [
    [lock.documents, "document"],
    [lock.lines, "line"],
    [lock.pairs, "pair"],
    [lock.causes, "cause"],
  ] as const;
  return (
    <li className="flex flex-col gap-0.5">
      <span>
        <span className="font-medium">Lock {lock.lockNo}</span>
        {lock.order ? `, order ${lock.order} locked anew` : ""}: {lock.lockedBy},{" "}
        <Instant at={lock.lockedAt} timeZone={timeZone} />
      </span>
      {lock.order && (
        <span>
          <LockChanges lock={lock} />
        </span>
      )}
      <span className="text-soft">
        {counts
          .map(([count, noun]) => `${count.toLocaleString("en")} ${noun}${count === 1n ? "" : "s"}`)
          .join(" · ")}
      </span>
      <span className="break-all font-mono text-soft text-xs">SHA-256 {lock.digest}</span>
    </li>
  );
}

function Decided({ reopenings, timeZone }: Readonly<{ reopenings: readonly Reopening[]; timeZone: string }>) {
  if (reopenings.length === 0) return null;
  return (
    <ul aria-label="Reopenings" className="flex flex-col gap-1">
      {reopenings.map((one) => (
        <li key={one.id} className="flex flex-wrap items-baseline gap-x-2">
          <Badge tone={one.state === "approved" ? "agrees" : "neutral"}>
            {one.state === "approved" ? "Approved" : "Rejected"}
          </Badge>
          <span>
            {one.askedBy} asked to reopen {whatOf(one)}: “{one.reason}”; decided by {one.decidedBy}
            {one.decidedAt && (
              <>
                , <Instant at={one.decidedAt} timeZone={timeZone} />
              </>
            )}
            {one.decidedWhy && `: “${one.decidedWhy}”`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What came to a closed month later, with its cause, and where it is proposed to be corrected. */
export function LateCard({ view, timeZone }: Readonly<{ view: SigningView; timeZone: string }>) {
  const { entityId, late, next, month, titles } = view;
  if (!late) return null;
  const count = late.sums.reduce((all, one) => all + one.count, 0);
  const target = next ? monthName(next) : "the next month that is opened";
  return (
    <Card
      id="late"
      title="Late arrivals"
      description={
        <>
          What came to {monthName(month)} after it was closed: live − locked. Proposed for{" "}
          {next ? (
            <Link
              href={`/close/${next}?entity=${encodeURIComponent(entityId)}#corrections` as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {target}
            </Link>
          ) : (
            target
          )}
          .
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {count === 0 && <p className="text-soft">Nothing has come since. What is live is what is locked.</p>}
        {late.sums
          .filter((one) => one.count > 0 || !one.holds)
          .map((one) => (
            <p key={one.currency} className="flex flex-wrap items-baseline gap-x-2">
              <Badge tone={one.holds ? "agrees" : "broken"}>
                {one.holds ? "Σ late arrivals = live − locked" : "Σ late arrivals ≠ live − locked"}
              </Badge>
              <span>
                {one.count === 1 ? "1 order" : `${one.count.toLocaleString("en")} orders`}: SCAYLE{" "}
                <Amount minor={one.scayle} currency={one.currency} signed />, ERP{" "}
                <Amount minor={one.erp} currency={one.currency} signed /> {one.currency}
              </span>
            </p>
          ))}
        <ul aria-label="Late arrivals" className="flex flex-col divide-y divide-line">
          {late.arrivals.map((one) => (
            <li key={`${one.orderKey} ${one.currency}`} className="flex flex-col gap-0.5 py-2">
              <span className="flex flex-wrap items-baseline justify-between gap-x-4">
                <Link
                  href={`/orders/${one.orderKey}` as Route}
                  className="font-medium underline decoration-line-strong underline-offset-4"
                >
                  {one.reference ?? one.document ?? "No order known"}
                </Link>
                <span>
                  SCAYLE <Amount minor={one.scayle.gross} currency={one.currency} signed />, ERP{" "}
                  <Amount minor={one.erp.gross} currency={one.currency} signed /> {one.currency}
                </span>
              </span>
              <span className="text-soft">
                {one.causes.length === 0
                  ? "Both sides moved alike."
                  : one.causes.map(({ code }) => titles[code] ?? code).join(", ")}
                {one.document && ` · ${one.document} ${wordOf(one.what)}`}
                {one.at && (
                  <>
                    , <Instant at={one.at} timeZone={timeZone} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
        {count > late.arrivals.length && (
          <p className="text-soft">
            The {late.arrivals.length} largest are shown; the sums are of all {count.toLocaleString("en")}.
          </p>
        )}
      </div>
    </Card>
  );
}

const words: Readonly<Record<string, string>> = {
  created: "came",
  changed: "changed",
  "posted-changed": "was changed after it was posted",
  gone: "is gone at its source",
  withdrawn: "was withdrawn",
  rekeyed: "was put to another order",
};
const wordOf = (reason: string | null): string => (reason && words[reason]) ?? "changed";

/** What the month carries from closed months: their late arrivals. */
export function CarriedMessage({ view }: Readonly<{ view: SigningView }>) {
  const carried = view.carried.filter(({ sums }) => sums.some((one) => one.count > 0));
  if (carried.length === 0) return null;
  const tone: Tone = "attention";
  return (
    <Message tone={tone} title="Late arrivals of closed months are proposed for this month">
      <ul className="list-inside list-disc">
        {carried.map(({ from, sums }) => (
          <li key={from}>
            <Link
              href={`/close/${from}?entity=${encodeURIComponent(view.entityId)}#late` as Route}
              className="underline underline-offset-4"
            >
              {monthName(from)}
            </Link>
            :{" "}
            {sums
              .filter((one) => one.count > 0)
              .map((one) => (
                <span key={one.currency}>
                  {one.count === 1 ? "1 order" : `${one.count.toLocaleString("en")} orders`}, SCAYLE{" "}
                  <Amount minor={one.scayle} currency={one.currency} signed />, ERP{" "}
                  <Amount minor={one.erp} currency={one.currency} signed /> {one.currency}
                </span>
              ))}
          </li>
        ))}
      </ul>
      They are corrected under{" "}
      <a href="#corrections" className="underline underline-offset-4">
        corrections
      </a>
      : by a journal, or by the decision that none is needed.
    </Message>
  );
}
