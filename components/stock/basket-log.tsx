import type { Route } from "next";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { StockView } from "@/lib/stock/loaders";

/** The events of baskets that came, each refused as a reason for stock to move, with why. */
export function BasketLog({
  view: { baskets, entity, timeZone },
}: Readonly<{ view: Pick<StockView, "baskets" | "entity" | "timeZone"> }>) {
  return (
    <Card
      id="baskets"
      title="Refused: events of baskets"
      description={`${baskets.total.toLocaleString("en")} so far. Each is kept, and moves nothing.`}
      actions={
        <ButtonLink href={`/feeds/webhooks?entity=${entity.id}&state=refused` as Route}>
          All refused webhooks
        </ButtonLink>
      }
      flush
    >
      {baskets.rows.length === 0 ? (
        <EmptyState title="No event of a basket has come.">
          An event whose name starts with “basket” appears here, with why it moved no stock.
        </EmptyState>
      ) : (
        <Table caption="Events of baskets, newest first" stacked>
          <thead>
            <tr>
              <Th>Event</Th>
              <Th>Received</Th>
              <Th>Items</Th>
              <Th>What followed</Th>
            </tr>
          </thead>
          <tbody>
            {baskets.rows.map((row) => (
              <tr key={row.id}>
                <Td label="Event">{row.type}</Td>
                <Td label="Received" className="whitespace-nowrap">
                  <Instant at={row.receivedAt} timeZone={timeZone} />
                </Td>
                <Td label="Items">{row.items.length > 0 ? row.items.join(", ") : "none named"}</Td>
                <Td label="What followed">
                  <span>
                    <Badge tone="attention">Refused</Badge> {row.outcome}
                  </span>
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
