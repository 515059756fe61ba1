import { Amount } from "@/components/ui/amount";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { OrderHead } from "@/lib/orders/data";
import { wordsOf } from "./words";

/** Every unit of the order with its state, and what moved when; then the parcels. */
export function ItemsCard({ order }: Readonly<{ order: OrderHead }>) {
  const { items, packages } = order.content;
  const at = (instant: Date | null) => (instant ? <Instant at={instant} timeZone={order.timeZone} /> : "–");
  const shippedWith = new Map(packages.map((one) => [one.id, one.shippedAt]));
  return (
    <Card title="Items and parcels" flush>
      <Table caption="Items of the order" stacked>
        <thead>
          <tr>
            <Th>Item</Th>
            <Th>Status</Th>
            <Th align="end">Price</Th>
            <Th>Shipped</Th>
            <Th>Cancelled</Th>
            <Th>Came back</Th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <Td className="max-md:font-medium">
                {item.name ?? item.sku ?? item.id}
                {item.name && item.sku && (
                  <span className="block font-normal text-soft text-xs">{item.sku}</span>
                )}
              </Td>
              <Td label="Status">{wordsOf(item.status) ?? "–"}</Td>
              <Td align="end" label="Price">
                {item.gross === null ? (
                  "–"
                ) : (
                  <Amount minor={item.gross} currency={order.currency} withCurrency />
                )}
              </Td>
              <Td label="Shipped">{at(item.shippedAt ?? shippedWith.get(item.packageId ?? "") ?? null)}</Td>
              <Td label="Cancelled">{at(item.cancelledAt)}</Td>
              <Td label="Came back">{at(item.returnedAt)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {packages.length > 0 && (
        <ul aria-label="Parcels" className="flex flex-col gap-1 px-4 py-3 text-sm">
          {packages.map((one) => (
            <li key={one.id}>
              Parcel {one.tracking ?? one.id}
              {one.carrier && ` with ${one.carrier}`}: {wordsOf(one.deliveryStatus) ?? "no status"}
              {one.shippedAt && (
                <>
                  , left on <Instant at={one.shippedAt} timeZone={order.timeZone} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
