import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import type { OrderHead } from "@/lib/orders/data";
import { invoiceName, wordsOf } from "./words";

/** What SCAYLE says of the order beside its lines, and as of when. */
export function OrderFacts({ order }: Readonly<{ order: OrderHead }>) {
  const at = (instant: Date | null) => (instant ? <Instant at={instant} timeZone={order.timeZone} /> : "–");
  return (
    <Card title="In SCAYLE">
      <Facts
        items={[
          { label: "Reference", value: order.reference },
          { label: "Id", value: order.sourceId },
          ...(order.publicKey ? [{ label: "Public key", value: order.publicKey }] : []),
          { label: "Entity", value: order.entityName },
          { label: "Shop", value: order.shop ?? "–" },
          {
            label: "Channel",
            value: [wordsOf(order.channelType), order.channel].filter(Boolean).join(" · "),
          },
          { label: "Ships to", value: order.shipTo ?? "–" },
          { label: "Order status", value: wordsOf(order.orderStatus ?? order.status) ?? "–" },
          { label: "Shipping", value: wordsOf(order.shippingStatus) ?? "–" },
          { label: "Billing", value: wordsOf(order.billingStatus) ?? "–" },
          { label: "Placed", value: at(order.placedAt) },
          { label: "Changed there", value: at(order.modifiedAt) },
          { label: "Last compared", value: at(order.checkedAt) },
        ]}
      />
    </Card>
  );
}

/** The invoices and credit notes that SCAYLE lists; it gives them no amounts. */
export function InvoicesCard({ order }: Readonly<{ order: OrderHead }>) {
  const { invoices } = order;
  return (
    <Card title="Invoices in SCAYLE">
      {invoices === null ? (
        <p className="text-sm text-soft">
          Not asked for: the list is fetched when something was returned, refunded or credited.
        </p>
      ) : invoices.length === 0 ? (
        <p className="text-sm text-soft">SCAYLE lists none.</p>
      ) : (
        <ul aria-label="Invoices in SCAYLE" className="flex flex-col gap-1.5 text-sm">
          {invoices.map((invoice) => (
            <li key={invoice.id} className="flex flex-wrap justify-between gap-x-4">
              <span>
                <span className="first-letter:uppercase">{invoiceName(invoice.type)}</span> {invoice.number}
              </span>
              {invoice.createdAt && (
                <span className="text-soft">
                  <Instant at={invoice.createdAt} timeZone={order.timeZone} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
