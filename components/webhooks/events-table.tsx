import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
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
    <Table caption="Webhooks, newest first">
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
            <tr key={row.id}>
              <Td>
                <details className="min-w-44">
                  <summary className="cursor-pointer font-medium">
                    {row.type || "no event"}
                    {row.statedType !== row.type && row.statedType !== "" && (
                      <span className="font-normal text-soft"> (as {row.statedType})</span>
                    )}
                  </summary>
                  <pre className="mt-2 max-h-64 max-w-xl overflow-auto whitespace-pre-wrap break-words rounded bg-sunken p-2 text-xs">
                    {JSON.stringify(row.body, null, 2)}
                  </pre>
                </details>
              </Td>
              <Td>
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
              <Td>
                <Instant at={row.receivedAt} timeZone={timeZone} />
              </Td>
              <Td>
                <Badge tone={tone}>{word}</Badge>
              </Td>
              <Td>
                <p className="min-w-64">{row.outcome ?? ABOUT_TO[row.subject]}</p>
              </Td>
              <Td align="end">{row.deliveries.toLocaleString("en")}</Td>
              {resync && (
                <Td>
                  {row.subject === "order" && row.orderKey && resync(row.orderKey, `order ${row.about}`)}
                </Td>
              )}
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
