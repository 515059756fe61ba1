import type { Route } from "next";
import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import type { WebhookRow } from "@/lib/webhooks/data";

/** The states of an event, each with its look and its word. */
export const eventStates = {
  waiting: ["explained", "Waiting"],
  done: ["agrees", "Read again"],
  kept: ["neutral", "Kept"],
  refused: ["attention", "Refused"],
  failed: ["broken", "Failed"],
} as const satisfies Readonly<Record<string, readonly [Tone, string]>>;

/** What follows from an event that waits. */
const ABOUT_TO: Readonly<Record<string, string>> = {
  order: "Its order is about to be read again.",
  stock: "The stock of its item is about to be read again.",
};

const look = (state: string): readonly [Tone, string] =>
  state in eventStates ? eventStates[state as keyof typeof eventStates] : ["neutral", state];

/** Events as they came, and what followed from each. */
export function EventsTable({
  rows,
  timeZone,
  resync,
}: Readonly<{
  rows: readonly WebhookRow[];
  timeZone: string;
  /** what has an order read again; absent for who may not */
  resync?: ((orderKey: string, name: string) => ReactNode) | undefined;
}>) {
  return (
    <Table caption="Webhooks, newest first" stacked>
      <thead>
        <tr>
          <Th>Event</Th>
          <Th>Order or item</Th>
          <Th>Received</Th>
          <Th>State</Th>
          <Th>What followed</Th>
          <Th align="end">Deliveries</Th>
          {resync && <Th>Resync</Th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const [tone, word] = look(row.state);
          return (
            <Fragment key={row.id}>
              <tr className="[&>td]:border-b-0">
                <Td label="Event">
                  <span className="font-medium">
                    {row.type || "no event"}
                    {row.statedType !== row.type && row.statedType !== "" && (
                      <span className="font-normal text-soft"> (as {row.statedType})</span>
                    )}
                  </span>
                </Td>
                <Td label="Order or item">
                  {row.orderKey ? (
                    <Link
                      href={`/orders/${row.orderKey}` as Route}
                      className="whitespace-nowrap underline decoration-line-strong underline-offset-4"
                    >
                      {row.about}
                    </Link>
                  ) : (
                    (row.about ?? "–")
                  )}
                </Td>
                <Td label="Received">
                  <Instant at={row.receivedAt} timeZone={timeZone} />
                </Td>
                <Td label="State">
                  <Badge tone={tone}>{word}</Badge>
                </Td>
                <Td label="What followed">
                  <p className="min-w-64 max-md:min-w-0">{row.outcome ?? ABOUT_TO[row.subject]}</p>
                </Td>
                <Td align="end" label="Deliveries">
                  {row.deliveries.toLocaleString("en")}
                </Td>
                {resync && (
                  <Td>
                    {row.subject === "order" && row.orderKey && resync(row.orderKey, `order ${row.about}`)}
                  </Td>
                )}
              </tr>
              <tr>
                <Td colSpan={resync ? 7 : 6} className="pt-0">
                  <details>
                    <summary className="cursor-pointer text-soft text-xs">
                      What was sent
                      <span className="sr-only">
                        {" "}
                        with {row.type || "it"}, about {row.about ?? "nothing named"}
                      </span>
                    </summary>
                    <pre className="mt-1 mb-2 max-h-64 overflow-auto whitespace-pre-wrap break-words rounded bg-sunken p-2 text-xs">
                      {JSON.stringify(row.body, null, 2)}
                    </pre>
                  </details>
                </Td>
              </tr>
            </Fragment>
          );
        })}
      </tbody>
    </Table>
  );
}
