import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { OrderView } from "@/lib/orders/loaders";
import { wordsOf } from "./words";

/** The sales and credits of both sides. */
export function DocumentsCard({
  documents,
  timeZone,
}: Readonly<{ documents: OrderView["documents"]; timeZone: string }>) {
  return (
    <Card title="Documents" flush={documents.length > 0}>
      {documents.length === 0 ? (
        <p className="text-sm text-soft">Neither system has booked anything for this order yet.</p>
      ) : (
        <Table caption="Documents of both sides" stacked>
          <thead>
            <tr>
              <Th>Side</Th>
              <Th>Kind</Th>
              <Th>Number</Th>
              <Th>Day</Th>
              <Th align="end">Gross</Th>
              <Th>Found by</Th>
              <Th>Status</Th>
              <Th align="end">Version</Th>
              <Th>Last compared</Th>
            </tr>
          </thead>
          <tbody>
            {documents.map((document) => (
              <tr key={document.id}>
                <Td label="Side">{document.side === "scayle" ? "SCAYLE" : "ERP"}</Td>
                <Td label="Kind">{document.kind === "credit" ? "Credit" : "Sale"}</Td>
                <Td label="Number">
                  <span>
                    {document.number}
                    {document.originalNumber && (
                      <span className="block text-soft text-xs">for {document.originalNumber}</span>
                    )}
                  </span>
                </Td>
                <Td label="Day">{document.postingDay ? <DayText day={document.postingDay} /> : "–"}</Td>
                <Td label="Gross" align="end">
                  <Amount minor={document.gross} currency={document.currency} withCurrency />
                </Td>
                <Td label="Found by">{document.placedByName ?? "–"}</Td>
                <Td label="Status">
                  {document.posted ? (
                    (wordsOf(document.status) ?? "posted")
                  ) : (
                    <Badge>Draft, does not count</Badge>
                  )}
                </Td>
                <Td label="Version" align="end">
                  {document.version}
                </Td>
                <Td label="Last compared">
                  <Instant at={document.comparedAt} timeZone={timeZone} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
