import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Instant } from "@/components/ui/instant";
import type { AlertsView } from "@/lib/alerts/loaders";
import { AcknowledgeForm } from "./acknowledge-form";
import { ChooseAlert } from "./choosing";

type Alert = AlertsView["alerts"][number];

/** Alerts as a list: what it is, who owns it, what to do first, and who looks after it. */
export function AlertList({
  alerts,
  choosable,
}: Readonly<{
  alerts: readonly Alert[];
  /** those that can be acknowledged can be selected, as the page lets several be at once */
  choosable: boolean;
}>) {
  return (
    <ul aria-label="Alerts" data-alerts tabIndex={-1} className="flex flex-col outline-none">
      {alerts.map((alert) => (
        <li
          key={alert.id}
          className="flex flex-col gap-2 border-line border-b px-4 py-3 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <div className="flex min-w-0 items-start gap-2">
              {choosable && alert.mayAcknowledge && <ChooseAlert id={alert.id} title={alert.title} />}
              <h2 className="min-w-0 break-words font-semibold">
                {alert.mayOpen ? (
                  <Link
                    href={alert.href as Route}
                    className="underline decoration-line-strong underline-offset-4"
                  >
                    {alert.title}
                  </Link>
                ) : (
                  alert.title
                )}
              </h2>
            </div>
            <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-soft text-xs">
              <Badge tone={toneOf(alert)}>{alert.closedAt ? "Closed" : alert.kindTitle}</Badge>
              {alert.closedAt && <span>{alert.kindTitle}</span>}
              <span>{alert.entityId}</span>
            </span>
          </div>
          <p className="max-w-prose break-words">{alert.body}</p>
          {!alert.closedAt && (
            <p className="max-w-prose">
              <strong>{alert.owner}</strong> owns it. First: {alert.firstAction}
            </p>
          )}
          <p className="text-soft text-xs">
            Since <Instant at={alert.openedAt} timeZone={alert.timeZone} withZone />
            <Ended alert={alert} />
            <Sent alert={alert} />
          </p>
          {alert.acknowledgedBy !== null && alert.acknowledgedAt !== null && (
            <p className="max-w-prose">
              <strong>{alert.acknowledgedBy}</strong> looks after it, since{" "}
              <Instant at={alert.acknowledgedAt} timeZone={alert.timeZone} withZone />
              {alert.note && `: ${alert.note}`}
            </p>
          )}
          {!alert.closedAt && (alert.mayAcknowledge || alert.mayOpen) && (
            <div className="flex flex-wrap items-center gap-2">
              {alert.mayAcknowledge && (
                <AcknowledgeForm entityId={alert.entityId} id={alert.id} title={alert.title} />
              )}
              {alert.mayOpen && <ButtonLink href={alert.href as Route}>Open it</ButtonLink>}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

const toneOf = ({ closedAt, acknowledgedAt }: Alert) =>
  closedAt ? "neutral" : acknowledgedAt ? "explained" : "attention";

function Ended({ alert: { closedAt, closedWhy, timeZone } }: Readonly<{ alert: Alert }>) {
  if (!closedAt) return null;
  return (
    <>
      {" "}
      until <Instant at={closedAt} timeZone={timeZone} withZone />. {closedWhy}
    </>
  );
}

/** How often it was told; nothing where nobody is written to. */
function Sent({ alert: { sent, waiting, failed } }: Readonly<{ alert: Alert }>) {
  const parts = [
    sent > 0 && `sent ${sent === 1 ? "once" : `${sent} times`}`,
    waiting > 0 && `${waiting} on the way`,
    failed > 0 && `${failed} could not be sent`,
  ].filter(Boolean);
  return parts.length === 0 ? null : <> · {parts.join(", ")}</>;
}
