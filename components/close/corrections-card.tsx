import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText, Instant, instantText } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import type { Posting } from "@/lib/close/journal-posting";
import type { Journal } from "@/lib/close/journals";
import type { JournalsView } from "@/lib/close/journals-view";
import { journalPurposes } from "@/lib/close/schema";
import { monthName } from "@/lib/domain/day";
import {
  AccountsForm,
  DecideJournal,
  DecideRecall,
  ExportJournalsButton,
  NoneNeededButton,
  ProposeButton,
  RecallButton,
} from "./journal-acts";
import { PostJournalButton } from "./post-journal";

/** What of the month is corrected by journals: proposed by one, approved by another, taken into the ERP as a file. */
export function CorrectionsCard({ view, timeZone }: Readonly<{ view: JournalsView; timeZone: string }>) {
  const { entityId, month, corrections, journals, accounts, purposes, may } = view;
  const { toExport, toExportAgain } = view;
  const handedOver = toExportAgain.flatMap(({ exportedAt }) => exportedAt ?? []);
  return (
    <Card
      id="corrections"
      title="Corrections"
      description="Balanced journals, approved by a second person, posted in the ERP where its connection can, else taken in as a file; accruals are taken back in the next month, others where you say so"
    >
      <div className="flex flex-col gap-4 text-sm">
        {corrections.length === 0 && journals.length === 0 && (
          <p className="text-soft">
            Nothing is rounded, accepted or counted in another month here: there is nothing to correct.
          </p>
        )}
        {corrections.map((one) => {
          const { title, what } = purposes[one.purpose];
          const isSet = Object.keys(accounts[one.purpose] ?? {}).length === 3;
          return (
            <div
              key={`${one.purpose} ${one.lateOf} ${one.currency}`}
              className="flex flex-col gap-2 rounded-md border border-line p-3"
            >
              <p className="flex flex-wrap items-baseline justify-between gap-x-4">
                <span>
                  <span className="font-medium">
                    {title}
                    {one.lateOf && (
                      <>
                        {" "}
                        of{" "}
                        <Link
                          href={`/close/${one.lateOf}?entity=${encodeURIComponent(entityId)}#late` as Route}
                          className="underline decoration-line-strong underline-offset-4"
                        >
                          {monthName(one.lateOf)}
                        </Link>
                      </>
                    )}
                  </span>
                  , {one.currency}: {one.count.toLocaleString("en")} {one.lateOf ? "order" : "subject"}
                  {one.count === 1 ? "" : "s"}
                </span>
                <span>
                  net <Amount minor={one.net} currency={one.currency} signed />, tax{" "}
                  <Amount minor={one.tax} currency={one.currency} signed />, gross{" "}
                  <Amount minor={one.gross} currency={one.currency} signed />
                </span>
              </p>
              <p className="text-soft">{what} Amounts are SCAYLE − ERP, less what journals stand for.</p>
              {view.closed && (
                <p className="text-soft">
                  The month is closed: no journal is proposed for it any more. What is left is corrected in
                  the next open month, or once this one is reopened.
                </p>
              )}
              {!view.closed && isSet && !may.propose && (
                <p className="text-soft">A preparer or reviewer of finance proposes its journal.</p>
              )}
              {may.propose && !view.closed && isSet && (
                <ProposeButton
                  of={{
                    entityId,
                    month,
                    purpose: one.purpose,
                    currency: one.currency,
                    gross: one.gross.toString(),
                    tax: one.tax.toString(),
                    lateOf: one.lateOf,
                  }}
                  alwaysReversed={one.purpose === "accrual"}
                />
              )}
              {may.propose && !view.closed && one.lateOf && (
                <NoneNeededButton
                  of={{
                    entityId,
                    month,
                    currency: one.currency,
                    gross: one.gross.toString(),
                    tax: one.tax.toString(),
                    lateOf: one.lateOf,
                  }}
                />
              )}
              {!isSet && !view.closed && (
                <p className="text-soft">
                  {may.setAccounts
                    ? "Set its accounts below to propose a journal."
                    : "An administrator sets its accounts before a journal can be proposed."}
                </p>
              )}
            </div>
          );
        })}
        {journals.map((journal) => (
          <JournalBlock key={journal.id} journal={journal} view={view} timeZone={timeZone} />
        ))}
        {toExport.length > 0 && may.propose && (
          <ExportJournalsButton
            entityId={entityId}
            period={month}
            numbers={toExport.map((one) => one.number)}
          />
        )}
        {toExportAgain.length > 0 && may.propose && (
          <ExportJournalsButton
            entityId={entityId}
            period={month}
            numbers={toExportAgain.map((one) => one.number)}
            again={timesText(handedOver, timeZone)}
          />
        )}
        <ul aria-label="How the ERP takes journals" className="flex flex-col gap-1 text-soft">
          {view.connections.map(({ id, name, lacks }) => (
            <li key={id}>
              <span className="text-ink">{name}</span>:{" "}
              {lacks === null
                ? "approved journals are posted through this connection, and read back from its ledger."
                : `${lacks} Export them as CSV and import them in the ERP.`}
            </li>
          ))}
        </ul>
        <details>
          <summary className="cursor-pointer text-soft">Accounts that corrections are booked to</summary>
          <div className="flex flex-col gap-4 pt-3">
            {journalPurposes.map((purpose) => {
              const { title, parts } = purposes[purpose];
              return (
                <section key={purpose} aria-label={title} className="flex flex-col gap-1">
                  <h3 className="font-medium">{title}</h3>
                  {may.setAccounts ? (
                    <AccountsForm
                      entityId={entityId}
                      purpose={purpose}
                      title={title}
                      parts={parts}
                      accounts={accounts[purpose] ?? {}}
                    />
                  ) : (
                    <p className="text-soft">
                      {(["gross", "net", "tax"] as const)
                        .map((part) => `${parts[part]}: ${accounts[purpose]?.[part] ?? "not set"}`)
                        .join(" · ")}
                    </p>
                  )}
                </section>
              );
            })}
          </div>
        </details>
      </div>
    </Card>
  );
}

/** "30 Nov 03:44", or from the first to the last. */
function timesText(times: readonly Date[], timeZone: string): string {
  const sorted = [...times].sort((a, b) => a.getTime() - b.getTime()).map((at) => instantText(at, timeZone));
  const [first, last] = [sorted[0] ?? "", sorted.at(-1) ?? ""];
  return first === last ? first : `${first} to ${last}`;
}

const postingStates: Readonly<Record<Posting["state"], readonly [Tone, string]>> = {
  queued: ["explained", "Being posted"],
  sending: ["explained", "Being posted"],
  posted: ["agrees", "Posted and read back"],
  differs: ["broken", "Posted, and not as approved"],
  refused: ["attention", "Not posted"],
};

/** How the posting of a journal went, step by step. */
function PostingText({ posting, timeZone }: Readonly<{ posting: Posting; timeZone: string }>) {
  return (
    <div className="flex flex-col gap-1">
      <p>
        {posting.outcome ?? `It is on its way to ${posting.connection}.`}{" "}
        <span className="text-soft">
          {posting.askedBy}, <Instant at={posting.askedAt} timeZone={timeZone} />
        </span>
      </p>
      <details>
        <summary className="w-fit cursor-pointer text-soft">What was done, step by step</summary>
        <ol className="list-inside list-decimal pt-1 text-soft">
          {posting.steps.map((step) => (
            <li key={`${step.at.toISOString()} ${step.kind} ${step.text}`}>
              <Instant at={step.at} timeZone={timeZone} />: {step.text}
            </li>
          ))}
        </ol>
      </details>
    </div>
  );
}

/** Which journal takes this one back, or is taken back by it, and how far that one is. */
function TakenBack({ journal, entityId }: Readonly<{ journal: Journal; entityId: string }>) {
  const link = (month: string, number: number) => (
    <Link
      href={`/close/${month}?entity=${encodeURIComponent(entityId)}#journal-${number}` as Route}
      className="underline decoration-line-strong underline-offset-4"
    >
      journal {number} of {monthName(month)}
    </Link>
  );
  if (journal.original !== null && journal.originalMonth)
    return <p>Takes back {link(journal.originalMonth, journal.original)}.</p>;
  if (!journal.reverse) return null;
  if (journal.reversalNumber === null || !journal.reversalMonth)
    return (
      <p>
        {journal.state === "rejected" ? "It would have been" : "Once it is approved it is"} taken back on the
        first day of the next month.
      </p>
    );
  const posting = postingStates[journal.reversalPosting as Posting["state"]];
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <span>Taken back next month by {link(journal.reversalMonth, journal.reversalNumber)}</span>
      {posting && <Badge tone={posting[0]}>{posting[1]}</Badge>}
      {journal.reversalExported && <Badge>Exported</Badge>}
      {!posting && !journal.reversalExported && <Badge>Approved, in no ERP yet</Badge>}
    </p>
  );
}

const states: Readonly<Record<Journal["state"], readonly [Tone, string]>> = {
  asked: ["attention", "To be approved"],
  approved: ["agrees", "Approved"],
  rejected: ["neutral", "Rejected"],
};

function JournalBlock({
  journal,
  view,
  timeZone,
}: Readonly<{ journal: Journal; view: JournalsView; timeZone: string }>) {
  const [tone, word] = states[journal.state];
  const posting = view.postings.find((one) => one.journalId === journal.id);
  const mayPost = view.may.propose && (posting === undefined || posting.state === "refused");
  return (
    <section
      id={`journal-${journal.number}`}
      aria-label={`Journal ${journal.number}`}
      className="flex below-head flex-col gap-2 rounded-md border border-line p-3"
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">
          Journal {journal.number} · {view.purposes[journal.purpose].title}
          {journal.lateOf && ` of ${monthName(journal.lateOf)}`} · <DayText day={journal.postingDay} />
        </span>
        <Badge tone={tone}>{word}</Badge>
        {!journal.books && <Badge>Nothing is booked</Badge>}
        {journal.exportedAt && <Badge>Exported</Badge>}
        {journal.exportedAt === null && journal.recalledAt && <Badge>Exported, and recalled</Badge>}
        {journal.recallById !== null && <Badge tone="attention">Recall to be decided</Badge>}
        {posting && <Badge tone={postingStates[posting.state][0]}>{postingStates[posting.state][1]}</Badge>}
      </p>
      <TakenBack journal={journal} entityId={view.entityId} />
      {journal.books ? (
        <Table caption={`Lines of journal ${journal.number}`}>
          <thead>
            <tr>
              <Th>Account</Th>
              <Th>Text</Th>
              <Th align="end">Debit {journal.currency}</Th>
              <Th align="end">Credit {journal.currency}</Th>
            </tr>
          </thead>
          <tbody>
            {journal.lines.map((line) => (
              <tr key={`${line.account} ${line.debit} ${line.credit}`}>
                <Td>{line.account}</Td>
                <Td>{line.text}</Td>
                <Td align="end">
                  {line.debit !== 0n && <Amount minor={line.debit} currency={journal.currency} />}
                </Td>
                <Td align="end">
                  {line.credit !== 0n && <Amount minor={line.credit} currency={journal.currency} />}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : (
        <p>
          No journal is needed for gross{" "}
          <Amount minor={journal.gross} currency={journal.currency} signed withCurrency />.
        </p>
      )}
      <p className="text-soft">
        “{journal.reason}” {journal.madeBy}, <Instant at={journal.madeAt} timeZone={timeZone} />
        {journal.decidedAt && (
          <>
            {" "}
            · {journal.state} by {journal.decidedBy}, <Instant at={journal.decidedAt} timeZone={timeZone} />
            {journal.decidedWhy && `: “${journal.decidedWhy}”`}
          </>
        )}
        {journal.exportedAt && (
          <>
            {" "}
            · exported by {journal.exportedBy}, <Instant at={journal.exportedAt} timeZone={timeZone} />
          </>
        )}
        {journal.formerExportedAt && journal.recalledAt && (
          <>
            {" "}
            · {journal.exportedAt ? "before that " : ""}exported by {journal.formerExportedBy},{" "}
            <Instant at={journal.formerExportedAt} timeZone={timeZone} />; that it was not taken in was
            approved by {journal.recalledBy}, <Instant at={journal.recalledAt} timeZone={timeZone} />
          </>
        )}
      </p>
      {journal.state === "asked" &&
        (view.may.approve && journal.madeById !== view.me ? (
          <DecideJournal entityId={view.entityId} id={journal.id} number={journal.number} />
        ) : (
          <p className="text-soft">
            {journal.madeById === view.me ? "Somebody else decides." : "A reviewer of finance decides."}
          </p>
        ))}
      {journal.recallById !== null && (
        <p>
          <span className="font-medium">{journal.recallBy}</span> says that the ERP did not take it in:{" "}
          <span className="text-soft">“{journal.recallWhy}”</span>
        </p>
      )}
      {journal.recallById !== null &&
        (view.may.approve && journal.recallById !== view.me ? (
          <DecideRecall entityId={view.entityId} id={journal.id} number={journal.number} />
        ) : (
          <p className="text-soft">
            {journal.recallById === view.me ? "Somebody else decides." : "A reviewer of finance decides."}
          </p>
        ))}
      {journal.exportedAt && journal.recallById === null && view.may.propose && (
        <div>
          <RecallButton entityId={view.entityId} id={journal.id} number={journal.number} />
        </div>
      )}
      {posting && <PostingText posting={posting} timeZone={timeZone} />}
      {mayPost && view.closed && (view.ways[journal.id] ?? []).length > 0 && (
        <p className="text-soft">
          This month is closed here. Posted now, the journal still gets its posting day, if the ERP lets
          anything be posted on it; what is locked here stays as it is.
        </p>
      )}
      {mayPost &&
        (view.ways[journal.id] ?? []).map((way) => (
          <PostJournalButton
            key={way.connectionId}
            entityId={view.entityId}
            id={journal.id}
            number={journal.number}
            way={way}
            withReversal={journal.reverse}
          />
        ))}
    </section>
  );
}
