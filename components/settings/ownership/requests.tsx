import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { OwnerRequests, OwnerRequestView } from "@/lib/ownership/request-view";
import { requestStates, requestWords } from "../mappings/request-states";
import { DecideOwners } from "./decide-owners";

const sources: Readonly<Record<OwnerRequestView["source"], string>> = {
  change: "From a change",
  removal: "From taking a row away",
  file: "From a file",
};

/** What was asked for: what waits, and what somebody decided in the last two weeks, with why. */
export function OwnerRequestList({ requests: { rows } }: Readonly<{ requests: OwnerRequests }>) {
  if (rows.length === 0) return null;
  return (
    <Card
      title="Changes asked for"
      description="Those that wait, and those decided in the last two weeks; the newest 20"
    >
      <ul className="flex flex-col gap-2 text-sm">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Badge tone={requestStates[row.state].tone}>{requestStates[row.state].word}</Badge>
            <Link
              href={`/settings/ownership?request=${row.id}` as Route}
              className="inline-flex min-h-[24px] items-center text-accent underline"
            >
              {requestWords(row.words, row.rows)}
            </Link>
            <span className="text-soft">
              asked by {row.isMine ? "you" : row.madeBy}, <Instant at={row.madeAt} timeZone={row.timeZone} />
              {row.decidedAt && (
                <>
                  {`; decided by ${row.decidedBy}, `}
                  <Instant at={row.decidedAt} timeZone={row.timeZone} />
                  {row.decidedWhy && `: ${row.decidedWhy}`}
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** One request with all its rows, what it does to open exceptions, and its decision. */
export function OwnerRequestCard({ request }: Readonly<{ request: OwnerRequestView }>) {
  const { state, timeZone, changes } = request;
  const isOpen = state === "asked";
  return (
    <Card
      title={changes.length === 1 ? changes[0] : `${changes.length.toLocaleString("en")} rows`}
      description={sources[request.source]}
      actions={<Badge tone={requestStates[state].tone}>{requestStates[state].word}</Badge>}
    >
      <div className="flex flex-col gap-4">
        <Facts
          items={[
            {
              label: "Asked",
              value: (
                <>
                  by {request.madeBy}, <Instant at={request.madeAt} timeZone={timeZone} />
                </>
              ),
            },
            {
              label: "Holds",
              value: isOpen
                ? "from the moment it is approved"
                : state === "made"
                  ? "since it was approved"
                  : "not: nothing was changed",
            },
            ...(request.decidedAt
              ? [
                  {
                    label: "Decided",
                    value: (
                      <>
                        by {request.decidedBy}, <Instant at={request.decidedAt} timeZone={timeZone} />
                        {request.decidedWhy && `: ${request.decidedWhy}`}
                      </>
                    ),
                  },
                ]
              : []),
            ...(request.approvers ? [{ label: "Can be approved by", value: request.approvers }] : []),
          ]}
        />
        {changes.length > 1 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          <section aria-label="Rows" tabIndex={0} className="relative max-h-80 overflow-auto">
            <ul className="flex flex-col text-sm">
              {changes.map((words) => (
                <li key={words} className="border-line border-b py-1.5">
                  {words}
                </li>
              ))}
            </ul>
          </section>
        )}
        <Effect request={request} />
        {isOpen && <DecideOwners request={request} />}
      </div>
    </Card>
  );
}

/** Which open exceptions go from which team to which, and which stay why. */
function Effect({ request }: Readonly<{ request: OwnerRequestView }>) {
  const {
    effect: { moves, held, nearer, same },
    moveOpen,
    state,
  } = request;
  const count = moves.reduce((sum, move) => sum + move.count, 0);
  const goes = state === "made" ? "went" : "would go";
  return (
    <section aria-label="Effect" className="flex flex-col gap-2">
      <h3 className="font-semibold">
        {state === "asked"
          ? "What it would do to open exceptions"
          : "What its preview said of open exceptions"}
        , as of <Instant at={request.foreseenAt} timeZone={request.timeZone} />
      </h3>
      <p className="max-w-prose text-sm">{sentenceOf(count, moveOpen, goes)}</p>
      {moves.length > 0 && moveOpen && (
        <div className="rounded-md border border-line">
          <Table caption="Open exceptions that go to another team" stacked>
            <thead>
              <tr>
                <Th>From</Th>
                <Th>To</Th>
                <Th align="end">Open exceptions</Th>
                <Th align="end">They are about</Th>
              </tr>
            </thead>
            <tbody>
              {moves.map((move) => (
                <tr key={`${move.from} ${move.to} ${move.currency}`}>
                  <Td label="From">{move.from}</Td>
                  <Td label="To">{move.to}</Td>
                  <Td align="end" label="Open exceptions">
                    {move.count.toLocaleString("en")}
                  </Td>
                  <Td align="end" label="They are about">
                    <Amount minor={move.extent} currency={move.currency} withCurrency />
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
      {held + nearer + same > 0 && (
        <ul className="list-disc pl-5 text-sm text-soft">
          {held > 0 && (
            <li>
              {stays(held)}: somebody has {held === 1 ? "it" : "them"}, or gave {held === 1 ? "it" : "them"}{" "}
              to a team.
            </li>
          )}
          {nearer > 0 && <li>{stays(nearer)}: a nearer row decides.</li>}
          {same > 0 && (
            <li>
              {same.toLocaleString("en")} {same === 1 ? "is" : "are"} with that team already.
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

const stays = (count: number): string => `${count.toLocaleString("en")} ${count === 1 ? "stays" : "stay"}`;

function sentenceOf(count: number, moveOpen: boolean, goes: string): string {
  const open = `${count.toLocaleString("en")} open ${count === 1 ? "exception" : "exceptions"}`;
  if (moveOpen) return count === 0 ? `No open exception ${goes} to another team.` : `${open} ${goes} along:`;
  return count === 0
    ? "It counts for what is found from then on. No open exception is concerned."
    : `It counts for what is found from then on. ${open} that could go along ${count === 1 ? "stays with its team" : "stay with their teams"}: that was not asked for.`;
}
