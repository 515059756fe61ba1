import { Amount } from "@/components/ui/amount";
import { Card } from "@/components/ui/card";
import { DayText } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Table, Td, Th } from "@/components/ui/table";
import type { Coverage } from "@/lib/pairing/data";
import { OpenOrder } from "./open-order";

/** Which summary posting covers an order, or which orders a summary posting covers. */
export function CoverageCard({ coverage }: Readonly<{ coverage: Coverage }>) {
  const { summaries, orders, count } = coverage;
  return (
    <>
      {summaries.map((summary) => (
        <Message key={`${summary.orderKey} ${summary.kind}`} tone="explained" title="Summed up in the ERP">
          What was {summary.kind === "credit" ? "credited" : "sold"} on <DayText day={summary.day} /> is part
          of <OpenOrder orderKey={summary.orderKey}>{summary.number}</OpenOrder>, which sums up the day; it is
          compared there.
        </Message>
      ))}
      {orders.length > 0 && (
        <Card
          title="Orders that it sums up"
          description={
            count > orders.length
              ? `The first ${orders.length} of ${count.toLocaleString("en")}`
              : "All orders of the day, shop and channel that have no document of their own"
          }
          flush
        >
          <Table caption="Orders that this document sums up">
            <thead>
              <tr>
                <Th>Order</Th>
                <Th align="end">SCAYLE gross</Th>
              </tr>
            </thead>
            <tbody>
              {orders.map((order) => (
                <tr key={order.orderKey}>
                  <Td>
                    <OpenOrder orderKey={order.orderKey}>{order.reference}</OpenOrder>
                  </Td>
                  <Td align="end">
                    <Amount minor={order.gross} currency={order.currency} withCurrency />
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
    </>
  );
}
