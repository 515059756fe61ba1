import type { ReactNode } from "react";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Difference } from "@/components/ui/difference";
import { DayText, Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Table, Td, Th } from "@/components/ui/table";
import { monthName } from "@/lib/domain/day";
import type { ExceptionView } from "@/lib/exceptions/loaders";
import { isOpen } from "@/lib/exceptions/machine";
import { Acceptance } from "./acceptance";
import { BothSides, STOCK } from "./both-sides";
import { History } from "./history";
import { OwnershipCard } from "./ownership-card";
import { Sisters } from "./sisters";
import { CauseBadge, StateBadge } from "./state-badge";

/** One exception whole: why, both sides, the recomputation, documents, who owns it and what happened. */
export function ExceptionDetail({
  view,
  resync,
  lacks,
  pairing,
  resolution,
  payloads,
  wide = false,
}: Readonly<{
  view: ExceptionView;
  resync: ReactNode;
  /** the mappings that it lacks, each to be set here */
  lacks?: ReactNode;
  pairing?: ReactNode;
  /** how it is put right in the other systems */
  resolution?: ReactNode;
  /** what both systems sent, as it came; in the panel: where that is shown */
  payloads?: ReactNode;
  wide?: boolean;
}>) {
  const { exception, besides, running } = view;
  const isOver = exception.state === "resolved";
  // A person asks: no figures stand behind it.
  const isQuestion = exception.cause === "question";
  const work = (
    <>
      <OwnershipCard view={view} />
      <Sisters sisters={view.sisters} />
      <History view={view} />
    </>
  );
  return (
    <>
      <Why view={view} resync={resync} lacks={lacks} />
      {resolution}
      <div
        className={
          wide ? "grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(20rem,1fr)]" : "contents"
        }
      >
        <div className="flex min-w-0 flex-col gap-4">
          {!isQuestion && (
            <Card
              title={isOver ? "Both sides, as they were found" : "Both sides"}
              description={
                exception.cause === STOCK ? undefined : "SCAYLE − ERP; what differs is marked on both"
              }
              flush={besides.length > 0}
            >
              <BothSides
                rows={besides}
                running={running}
                currency={exception.currency}
                isOver={isOver}
                cause={exception.cause}
              />
            </Card>
          )}
          <div id="pairing">{pairing}</div>
          {!isQuestion && <Recomputation view={view} />}
          <Alternatives view={view} />
          <Documents view={view} />
          {payloads}
          {exception.amounts.length > 0 && <Periods view={view} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4">{work}</div>
      </div>
    </>
  );
}

function Why({
  view,
  resync,
  lacks,
}: Readonly<{ view: ExceptionView; resync: ReactNode; lacks: ReactNode }>) {
  const { exception, title } = view;
  // What stands beside the books differs by no amount, and is about goods or documents of one all the same.
  const about = view.isStanding ? exception.worths[0]?.minor : null;
  return (
    <Card>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="flex flex-wrap items-center gap-2">
          <CauseBadge cause={exception.cause} title={title} state={exception.state} />
          <StateBadge state={exception.state} />
          {exception.escalatedAt && <Badge tone="broken">Escalated</Badge>}
          {exception.ambiguous && <Badge tone="attention">Ambiguous</Badge>}
        </div>
        <p>
          {exception.state === "resolved" && <span className="text-soft">was </span>}
          {about ? (
            <>
              <span className="text-soft">about </span>
              <Amount
                minor={about}
                currency={exception.currency}
                withCurrency
                className={exception.state === "resolved" ? "text-soft" : "font-semibold text-lg"}
              />
              {exception.matter !== null && (
                <span className="block text-soft text-sm">{exception.matter}</span>
              )}
            </>
          ) : exception.matter !== null ? (
            <span className={exception.state === "resolved" ? "text-soft" : "font-semibold text-lg"}>
              {exception.matter}
            </span>
          ) : (
            <Difference
              net={exception.net}
              tax={exception.tax}
              gross={exception.gross}
              currency={exception.currency}
              className={exception.state === "resolved" ? "text-soft" : "font-semibold text-lg"}
            />
          )}
        </p>
      </div>
      {exception.state === "resolved" && exception.resolvedAt && (
        <div className="mt-2">
          <Message tone="agrees" title={view.isStanding ? "Done" : "Put right"}>
            Since <Instant at={exception.resolvedAt} timeZone={exception.timeZone} />{" "}
            {view.isStanding
              ? "nothing is left to do with it."
              : "this difference is gone. What follows is how it was found until then."}
          </Message>
        </div>
      )}
      <p className="mt-2 max-w-prose">{exception.explanation}</p>
      {view.meaning && <p className="mt-1 max-w-prose text-sm text-soft">{view.meaning}</p>}
      <div className="mt-3 flex flex-col items-start gap-3">
        {isOpen(exception.state) && (
          <p className="max-w-prose">
            <span className="font-semibold">Suggested resolution: </span>
            {exception.resolution}
          </p>
        )}
        <div id="missing-mapping" className="contents">
          {lacks}
        </div>
        <div id="resync">{resync}</div>
        <div id="accepting" className="contents">
          <Acceptance view={view} />
        </div>
      </div>
    </Card>
  );
}

function Recomputation({ view }: Readonly<{ view: ExceptionView }>) {
  const { steps } = view.exception.evidence;
  return (
    <Card title="Recomputation">
      {steps.length === 0 ? (
        <p className="text-sm text-soft">
          No arithmetic proves this cause: it follows from what is there and what is not.
        </p>
      ) : (
        <ol className="flex list-inside list-decimal flex-col gap-1 text-sm">
          {steps.map((step) => (
            <li key={step} className="break-words tabular-nums">
              {step}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

const FOUND = "As found";

/** What else would explain the difference as well: this cause first, then every other set, each with its amounts. */
function Alternatives({ view }: Readonly<{ view: ExceptionView }>) {
  const { exception, title } = view;
  const { alternatives } = exception.evidence;
  if (alternatives.length === 0) return null;
  const own = { ...exception, title, code: exception.cause };
  const others = alternatives.map(({ causes }, index) => ({ name: `Or ${index + 1}`, causes }));
  const sets = [{ name: FOUND, causes: [own] }, ...others];
  return (
    <Card
      title="It could also be"
      description="The figures alone cannot tell which: each set explains the whole difference with as many causes"
      flush
    >
      <Table caption="Sets of causes that explain this difference equally well, SCAYLE − ERP">
        <thead>
          <tr>
            <Th>Set</Th>
            <Th>Cause</Th>
            <Th align="end">Net</Th>
            <Th align="end">Tax</Th>
            <Th align="end">Gross</Th>
          </tr>
        </thead>
        <tbody>
          {sets.flatMap(({ name, causes }) =>
            causes.map((cause) => (
              <tr key={`${name} ${cause.code} ${cause.explanation}`}>
                <Td className="whitespace-nowrap">{name}</Td>
                <Td>
                  <span className="font-medium">{cause.title}</span>
                  {name !== FOUND && (
                    <span className="block max-w-prose text-sm text-soft">{cause.explanation}</span>
                  )}
                </Td>
                {(["net", "tax"] as const).map((field) => (
                  <Td key={field} align="end">
                    <Amount minor={cause[field]} currency={cause.currency ?? exception.currency} signed />
                  </Td>
                ))}
                <Td align="end">
                  <Amount
                    minor={cause.gross}
                    currency={cause.currency ?? exception.currency}
                    signed
                    withCurrency
                  />
                </Td>
              </tr>
            )),
          )}
        </tbody>
      </Table>
    </Card>
  );
}

function Documents({ view }: Readonly<{ view: ExceptionView }>) {
  const { documents } = view.exception.evidence;
  if (documents.length === 0) return null;
  return (
    <Card title="Documents" flush>
      <Table caption="Documents of this exception">
        <thead>
          <tr>
            <Th>Side</Th>
            <Th>Kind</Th>
            <Th>Number</Th>
            <Th>Day</Th>
          </tr>
        </thead>
        <tbody>
          {documents.map((document) => (
            <tr key={document.id ?? `${document.side}-${document.number}`}>
              <Td>{document.side === "scayle" ? "SCAYLE" : "ERP"}</Td>
              <Td>{document.kind === "credit" ? "Credit" : "Sale"}</Td>
              <Td>{document.number ?? "–"}</Td>
              <Td>{document.postingDay ? <DayText day={document.postingDay.slice(0, 10)} /> : "–"}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}

function Periods({ view }: Readonly<{ view: ExceptionView }>) {
  const { amounts, currency } = view.exception;
  const spans = amounts.some((part) => (part.currency ?? currency) !== currency);
  return (
    <Card title="Amounts per month" flush>
      <Table
        caption={`What this exception is worth in each month${spans ? " and currency" : ""}, SCAYLE − ERP${spans ? "" : ` in ${currency}`}`}
      >
        <thead>
          <tr>
            <Th>Month</Th>
            <Th align="end">Net</Th>
            <Th align="end">Tax</Th>
            <Th align="end">Gross{spans ? "" : ` ${currency}`}</Th>
          </tr>
        </thead>
        <tbody>
          {amounts.map((part) => (
            <tr key={`${part.period} ${part.currency ?? currency}`}>
              <Td>{monthName(part.period)}</Td>
              {(["net", "tax", "gross"] as const).map((field) => (
                <Td key={field} align="end">
                  <Amount
                    minor={part[field]}
                    currency={part.currency ?? currency}
                    signed
                    withCurrency={spans && field === "gross"}
                  />
                </Td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
