import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { ExceptionView } from "@/lib/exceptions/loaders";
import { AcceptForm } from "./accept-form";
import { DecideForm } from "./decide-form";
import { ReopenForm } from "./reopen-form";

/** Whether an exception is accepted, by whom and why; that somebody asks for it; and what the actor can do about it. */
export function Acceptance({ view }: Readonly<{ view: ExceptionView }>) {
  const { exception, acceptance } = view;
  const { held, request, second } = acceptance;
  return (
    <>
      {held && (
        <Message tone="explained" title={held.byRule ? "Accepted by a rule" : "Accepted as it is"}>
          <p>{held.reason}</p>
          <p className="text-soft">
            {held.acceptedBy}
            {held.approvedBy && `, approved by ${held.approvedBy}`},{" "}
            <Instant at={held.acceptedAt} timeZone={exception.timeZone} />. It is opened again when its
            figures change.
          </p>
        </Message>
      )}
      {request && (
        <Message tone="attention" title={`${request.askedBy} wants it accepted`}>
          <p>{request.reason}</p>
          <p className="text-soft">
            Asked <Instant at={request.askedAt} timeZone={exception.timeZone} />.{" "}
            {request.isLapsed
              ? "Its figures have changed since: it has to be asked for again."
              : request.isMine
                ? "Somebody else has to decide."
                : ""}
          </p>
        </Message>
      )}
      {request && acceptance.mayDecide && !request.isMine && (
        <DecideForm id={exception.id} entityId={exception.entityId} requestId={request.id} />
      )}
      {acceptance.mayReopen && <ReopenForm exception={exception} />}
      {acceptance.isKept && (
        <p className="text-sm text-soft">
          A rule in force accepts it. To act on it, end the rule under Settings, Accepting.
        </p>
      )}
      {acceptance.mayAccept && <AcceptForm exception={exception} second={second} />}
    </>
  );
}
