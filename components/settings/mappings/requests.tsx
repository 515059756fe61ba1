import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Pagination } from "@/components/ui/pagination";
import { Table, Td, Th } from "@/components/ui/table";
import type { MappingsView, RequestView } from "@/lib/mappings/loaders";
import { EffectOf } from "../change/effect";
import { requestPath } from "../change/words";
import { DecideRequest, RequestRows } from "./decide-request";
import { OrderLink } from "./order-link";
import { requestStates, requestWords } from "./request-states";

const sources: Readonly<Record<string, string>> = {
  change: "a change",
  file: "a file",
  proposals: "proposals",
  record: "a record that lacked it",
  setting: "a setting",
};

/** What was asked for, those that wait first, and the one that the address names with all of it. */
export function Requests({
  view,
  shown,
}: Readonly<{
  view: MappingsView;
  shown: Extract<MappingsView["shown"], { tab: "requests" }>;
}>) {
  const { timeZone } = view.entity;
  return (
    <>
      {shown.request && <OneRequest request={shown.request} approvers={shown.approvers} view={view} />}
      <Card title="Requests" description="Those that wait for a decision first" flush>
        {shown.rows.length === 0 ? (
          <EmptyState title="Nothing was asked for yet.">
            A change of a mapping, a file or proposals that somebody confirms make the first request.
          </EmptyState>
        ) : (
          <>
            <Table caption="Requests to change mappings">
              <thead>
                <tr>
                  <Th>What</Th>
                  <Th align="end">Rows</Th>
                  <Th>Asked by</Th>
                  <Th>When</Th>
                  <Th>State</Th>
                  <Th>Decided by</Th>
                </tr>
              </thead>
              <tbody>
                {shown.rows.map((row) => (
                  <tr key={row.id}>
                    <Td>
                      <Link href={requestPath(row.entityId, row.id)} className="text-accent underline">
                        {requestWords(row.changes[0]?.words ?? "", row.rows)}
                      </Link>
                    </Td>
                    <Td align="end">{row.rows}</Td>
                    <Td>{row.madeBy}</Td>
                    <Td>
                      <Instant at={row.madeAt} timeZone={timeZone} />
                    </Td>
                    <Td>
                      <Badge tone={requestStates[row.state].tone}>{requestStates[row.state].word}</Badge>
                    </Td>
                    <Td>{row.decidedBy ?? "–"}</Td>
                  </tr>
                ))}
              </tbody>
            </Table>
            <Pagination page={shown.page} pageSize={view.pageSize} total={shown.total} />
          </>
        )}
      </Card>
    </>
  );
}

function OneRequest({
  request,
  approvers,
  view,
}: Readonly<{ request: RequestView; approvers: string | null; view: MappingsView }>) {
  const { timeZone } = view.entity;
  const isOpen = request.state === "asked";
  return (
    <Card
      title={request.changes.length === 1 ? request.changes[0]?.words : `${request.changes.length} rows`}
      description={`From ${sources[request.source] ?? request.source}`}
      actions={<Badge tone={requestStates[request.state].tone}>{requestStates[request.state].word}</Badge>}
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
            ...(request.reason ? [{ label: "Why", value: request.reason }] : []),
            ...(request.editedAt
              ? [
                  {
                    label: "Edited",
                    value: (
                      <>
                        by {request.editedBy}, <Instant at={request.editedAt} timeZone={timeZone} />
                      </>
                    ),
                  },
                ]
              : []),
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
              : approvers
                ? [{ label: "Can be approved by", value: approvers }]
                : []),
            ...(request.retries && isOpen
              ? [{ label: "Then", value: "the records that lack it are read again by themselves" }]
              : []),
          ]}
        />
        <RequestRows key={request.version} request={request} />
        {request.runId && (
          <div>
            <ButtonLink href={`/orders/resync/${request.runId}` as Route}>
              What came of the records read again
            </ButtonLink>
          </div>
        )}
        {request.effect ? (
          <section aria-label="Effect">
            <h3 className="mb-2 font-semibold">
              {isOpen ? "What it would do to every order" : "What its preview said"}, as of{" "}
              <Instant at={request.foreseenAt} timeZone={timeZone} />
            </h3>
            <EffectOf preview={request.effect} />
          </section>
        ) : (
          <p className="text-sm text-soft">It moves no figure.</p>
        )}
        {request.references && <WhereDocumentsStand references={request.references} isOpen={isOpen} />}
        {request.payments && <WhatDocumentsBear payments={request.payments} />}
        {request.actual && request.actualAt && (
          <section aria-label="Actual effect">
            <h3 className="mb-2 font-semibold">
              What it did to every order, as of <Instant at={request.actualAt} timeZone={timeZone} />
            </h3>
            <p className="mb-2 max-w-prose text-sm text-soft">
              {request.actual.isAsPreviewed
                ? "Exactly what its preview said."
                : `Other than its preview said${request.actual.others > 0 ? `: ${request.actual.others === 1 ? "another change was" : `${request.actual.others} other changes were`} made before the same reconciliation, and what they did is counted with it` : ": figures had moved in between"}.`}
            </p>
            <EffectOf preview={request.actual} />
          </section>
        )}
        {request.state === "made" && request.effect && !request.actual && (
          <p className="text-sm text-soft">
            What it did is counted by the next reconciliation, and stands here afterwards.
          </p>
        )}
        {isOpen && <DecideRequest request={request} />}
      </div>
    </Card>
  );
}

/** Where ERP documents would stand once their references are read so. */
function WhereDocumentsStand({
  references: { won, lost, elsewhere, ambiguous, examples },
  isOpen,
}: Readonly<{ references: NonNullable<RequestView["references"]>; isOpen: boolean }>) {
  return (
    <section aria-label="Where documents stand">
      <h3 className="mb-2 font-semibold">
        {isOpen ? "Where the ERP’s documents would stand" : "Where its preview saw the ERP’s documents"}
      </h3>
      <Facts
        items={[
          { label: "Would find their order", value: won.toLocaleString("en") },
          { label: "Would be on their own", value: lost.toLocaleString("en") },
          { label: "Would be with another order", value: elsewhere.toLocaleString("en") },
          { label: "Mean several orders, and get none", value: ambiguous.toLocaleString("en") },
        ]}
      />
      {examples.length > 0 && (
        <div className="mt-2 rounded-md border border-line">
          <Table caption="Examples of documents that would move">
            <thead>
              <tr>
                <Th>Document</Th>
                <Th>Now with</Th>
                <Th>Then with</Th>
              </tr>
            </thead>
            <tbody>
              {examples.map((one) => (
                <tr key={one.number}>
                  <Td>{one.number}</Td>
                  <Td>{one.before === null ? "no order" : <OrderLink order={one.before} />}</Td>
                  <Td>{one.order === null ? "no order" : <OrderLink order={one.order} />}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </section>
  );
}

type Payment = NonNullable<RequestView["payments"]>[number];

/** What of a way of paying may be mistyped, in sentences. */
function mistypedWords({ unknownKey, unknownCode }: Payment): readonly string[] {
  const nearest = (known: readonly string[]) => (known.length > 0 ? ` Nearest: ${known.join(", ")}.` : "");
  return [
    ...(unknownKey
      ? [`No order here was paid by ${unknownKey.key} alone. Is it mistyped?${nearest(unknownKey.nearest)}`]
      : []),
    ...(unknownCode
      ? [`The books have no code ${unknownCode.code}. Is it mistyped?${nearest(unknownCode.nearest)}`]
      : []),
  ];
}

/** What posted documents of orders that were paid so bear: what speaks for a code, and against it. */
function WhatDocumentsBear({ payments }: Readonly<{ payments: NonNullable<RequestView["payments"]> }>) {
  return (
    <section aria-label="What posted documents bear" className="text-sm">
      <h3 className="mb-2 font-semibold">What posted documents bear</h3>
      <ul className="list-disc pl-5">
        {payments.map(({ words, agreeing, others }) => (
          <li key={words}>
            {words}: {agreeing.toLocaleString("en")} posted with it
            {others
              .map(
                ({ code, documents }) =>
                  `, ${documents.toLocaleString("en")} ${code === "" ? "without a code" : `with ${code}`}`,
              )
              .join("")}
            .
          </li>
        ))}
      </ul>
      {payments.flatMap(mistypedWords).map((sentence) => (
        <div key={sentence} className="mt-2 max-w-prose">
          <Message tone="attention">{sentence}</Message>
        </div>
      ))}
      <p className="mt-2 max-w-prose text-soft">
        As the last reconciliation of everything counted them, on all posting days. What is posted from here
        afterwards bears the code; what is posted already stays as it is.
      </p>
    </section>
  );
}
