import { Amount } from "@/components/ui/amount";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import { isCreditNote } from "@/lib/domain/order";
import type { OrderView } from "@/lib/orders/loaders";
import { paymentName } from "./words";

type Row = Readonly<{ key: string; what: string; note?: string; amount: bigint | null }>;

/** How the order was paid and what for, what was given back, and what is left: three tables that add up. */
export function PaymentsCard({
  order,
  settlement,
  documents,
}: Readonly<{
  order: NonNullable<OrderView["order"]>;
  settlement: NonNullable<OrderView["settlement"]>;
  documents: OrderView["documents"];
}>) {
  const { currency, content } = order;
  const notes = (order.invoices ?? []).filter((one) => isCreditNote(one.type));
  const credits = documents.filter((one) => one.side === "erp" && one.kind === "credit" && one.posted);
  const vouchers = content.vouchers.map((one) => one.code ?? "without a code");
  const partRows = (parts: readonly Readonly<{ label: string; amount: bigint }>[]) =>
    parts.map(({ label, amount }) => ({ key: label, what: label, amount }));
  return (
    <Card
      title="Payments and refunds"
      description="As SCAYLE states them; refunds as they follow from its items"
    >
      <div className="grid items-start gap-4 lg:grid-cols-3">
        <div>
          <Sums
            caption="Payments"
            currency={currency}
            rows={content.payments.map((one, index) => ({
              key: `${one.key}-${index}`,
              what: paymentName(one.key) || "not named",
              ...(one.giftCard ? { note: "gift card" } : {}),
              amount: one.amount,
            }))}
            total={["Paid when it was placed", settlement.paid]}
            none="SCAYLE states no payment."
          />
        </div>
        <div>
          <Sums
            caption="What it was for"
            currency={currency}
            rows={partRows(settlement.charged)}
            none="Nothing is charged."
          />
          {vouchers.length > 0 && (
            <p className="mt-1 px-3 text-soft text-xs">
              {vouchers.length === 1 ? "Voucher" : "Vouchers"} {vouchers.join(", ")}: taken off the items’
              prices already.
            </p>
          )}
        </div>
        <div className="flex flex-col gap-4">
          <Sums
            caption="Refunds"
            currency={currency}
            rows={partRows(settlement.refunds)}
            total={settlement.refunds.length > 0 ? ["Refunded", settlement.refunded] : undefined}
            none="By SCAYLE nothing came back."
          />
          {settlement.refunded !== 0n && (
            <Sums
              caption="What is left"
              currency={currency}
              rows={partRows(settlement.left)}
              total={["Left", settlement.paid - settlement.refunded]}
              none="Nothing is left."
            />
          )}
        </div>
      </div>
      {(notes.length > 0 || credits.length > 0) && (
        <ul aria-label="Credit notes" className="mt-3 flex flex-col gap-1 text-sm">
          {notes.map((note) => (
            <li key={note.id}>
              SCAYLE’s credit note {note.number ?? note.id}
              {note.createdAt && (
                <>
                  {" "}
                  of <Instant at={note.createdAt} timeZone={order.timeZone} />
                </>
              )}
            </li>
          ))}
          {credits.map((credit) => (
            <li key={credit.id}>
              The ERP’s credit memo {credit.number}
              {credit.postingDay && (
                <>
                  {" "}
                  of <DayText day={credit.postingDay} />
                </>
              )}
              :{" "}
              <Amount
                minor={credit.gross < 0n ? -credit.gross : credit.gross}
                currency={credit.currency}
                withCurrency
              />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Sums({
  caption,
  currency,
  rows,
  total,
  none,
}: Readonly<{
  caption: string;
  currency: string;
  rows: readonly Row[];
  total?: readonly [label: string, amount: bigint] | undefined;
  none: string;
}>) {
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          <Th>{caption}</Th>
          <Th align="end">{currency}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 && (
          <tr>
            <Td colSpan={2} className="text-soft">
              {none}
            </Td>
          </tr>
        )}
        {rows.map((row) => (
          <tr key={row.key}>
            <Td>
              {row.what}
              {row.note && <span className="text-soft"> ({row.note})</span>}
            </Td>
            <Td align="end">
              {row.amount === null ? "–" : <Amount minor={row.amount} currency={currency} />}
            </Td>
          </tr>
        ))}
        {total && rows.length > 1 && (
          <TotalRow>
            <Td>{total[0]}</Td>
            <Td align="end">
              <Amount minor={total[1]} currency={currency} />
            </Td>
          </TotalRow>
        )}
      </tbody>
    </Table>
  );
}
