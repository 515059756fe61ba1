import { Amount } from "@/components/ui/amount";
import { Facts } from "@/components/ui/facts";
import { DayText } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import { momentWords } from "@/lib/domain/moment-words";
import type { Plan } from "@/lib/resolutions/contract";
import type { StoredPreview } from "@/lib/resolutions/stored";

type Writes = Plan["writes"];

/** Exactly what is to be sent, write by write: readable first, and the requests as they go out beneath. */
export function PlannedWrites({
  writes,
  preview,
  timeZone,
  names = {},
}: Readonly<{
  timeZone: string;
  writes: Writes;
  preview: StoredPreview;
  /** what the order's items are called, by SCAYLE's id of the unit */
  names?: Readonly<Record<string, string>>;
}>) {
  return (
    <ol className="flex w-full flex-col gap-4">
      {writes.map((planned, index) => {
        const shown = preview[index];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: writes are in their order and never move
          <li key={index} className="flex min-w-0 flex-col gap-2">
            <p className="font-medium">
              {writes.length > 1 && `${index + 1}. `}
              {titleOf(planned)} · {shown?.system}
            </p>
            <WriteTable
              planned={planned}
              timeZone={timeZone}
              amount={"amount" in planned ? planned.amount : undefined}
              names={names}
            />
            {shown?.lacks && (
              <Message tone="attention" title="This is done by hand">
                {shown.lacks} What stands above is all that is to be entered there; its effect is noticed by
                itself.
              </Message>
            )}
            {shown && shown.requests.length > 0 && <Requests requests={shown.requests} />}
          </li>
        );
      })}
    </ol>
  );
}

function titleOf({ write }: Writes[number]): string {
  switch (write.kind) {
    case "post-document":
      return write.document.kind === "sale" ? "Invoice to be posted" : "Credit memo to be posted";
    case "reverse-document":
      return `Reversal of ${write.document.kind === "sale" ? "invoice" : "credit memo"} ${write.document.number}`;
    case "refund":
      return "Refund";
    case "line-values":
      return "Values of the order’s items";
    case "stock":
      return "Stock level to be told";
    case "shipment":
      return "Shipment";
    case "cancellation":
      return "Cancellation";
    case "return":
      return "Return";
    case "reference-key":
      return "Reference key";
  }
}

function WriteTable({
  planned: { write },
  amount,
  timeZone,
  names,
}: Readonly<{
  timeZone: string;
  planned: Writes[number];
  names: Readonly<Record<string, string>>;
  amount: Readonly<{ currency: string; minor: bigint | null }> | undefined;
}>) {
  switch (write.kind) {
    case "reverse-document":
      return (
        <Facts
          items={[
            { label: "Document", value: write.document.number },
            { label: "Order", value: write.document.reference || "none" },
            ...(amount
              ? [
                  {
                    label: "Gross",
                    value: <Amount minor={amount.minor} currency={amount.currency} withCurrency />,
                  },
                ]
              : []),
            { label: "Posting day", value: <DayText day={write.postingDay} /> },
          ]}
        />
      );
    case "post-document": {
      const { document } = write;
      return (
        <>
          <Facts
            items={[
              { label: "Reference", value: document.reference },
              { label: "Posting day", value: <DayText day={document.postingDay} /> },
              ...(document.corrects ? [{ label: "Corrects", value: document.corrects.number }] : []),
              ...(document.payment === undefined
                ? []
                : [{ label: "Payment, as the ERP calls it", value: document.payment }]),
            ]}
          />
          <Lines
            caption="Lines to be posted"
            currency={document.currency}
            rows={document.lines.map((line, index) => ({
              ...line,
              key: `${index}`,
              name: `${line.number === "" ? line.kind : line.number} ${line.description}`,
              code: line.taxCode === "" ? "none" : line.taxCode,
            }))}
          />
        </>
      );
    }
    case "stock":
      return (
        <Facts
          items={[
            { label: "Item", value: write.itemKey },
            { label: "Warehouse", value: write.warehouse },
            { label: "May be sold", value: write.quantity },
            {
              label: "As of the ERP’s snapshot",
              value: momentWords(new Date(write.changedAt), timeZone),
            },
          ]}
        />
      );
    case "refund":
      return (
        <>
          <Facts
            items={[
              { label: "Order in SCAYLE", value: write.orderId },
              { label: "Reason", value: write.reason },
              ...(write.returnedOn ? [{ label: "Back on", value: <DayText day={write.returnedOn} /> }] : []),
            ]}
          />
          <Lines
            caption="Items to be refunded"
            currency={write.currency}
            rows={write.items.map((item) => ({
              ...item,
              key: item.itemId,
              name: names[item.itemId]
                ? `${names[item.itemId]} (item ${item.itemId})`
                : `Item ${item.itemId}`,
              quantity: String(item.quantity),
              code: null,
            }))}
          />
        </>
      );
    case "line-values":
      return (
        <>
          <Facts items={[{ label: "Order in SCAYLE", value: write.orderId }]} />
          <Lines
            caption="Values to be sent; the total is the order’s"
            currency={write.currency}
            total={write.total}
            rows={write.items.map((item) => ({
              key: item.itemId,
              name: names[item.itemId]
                ? `${names[item.itemId]} (item ${item.itemId})`
                : `Item ${item.itemId}`,
              quantity: "1",
              code: null,
              ...item,
            }))}
          />
        </>
      );
    case "reference-key":
      return (
        <Facts
          items={[
            { label: "Order in SCAYLE", value: write.orderId },
            { label: "Reference key", value: write.referenceKey },
          ]}
        />
      );
    case "shipment":
    case "cancellation":
    case "return":
      return (
        <Facts
          items={[
            { label: "Order in SCAYLE", value: write.orderId },
            { label: write.itemIds.length === 1 ? "Item" : "Items", value: write.itemIds.join(", ") },
            ...(write.kind === "shipment"
              ? [
                  { label: "Carrier", value: write.carrier },
                  { label: "Parcel", value: write.shipmentKey },
                ]
              : []),
            ...(write.kind === "return"
              ? [{ label: "Back on", value: <DayText day={write.returnedOn} /> }]
              : []),
          ]}
        />
      );
  }
}

type Known = Readonly<{ net: bigint; tax: bigint; gross: bigint }>;
type Row = Known & Readonly<{ key: string; name: string; quantity: string; code: string | null }>;

function Lines({
  caption,
  currency,
  rows,
  total,
}: Readonly<{ caption: string; currency: string; rows: readonly Row[]; total?: Known }>) {
  const hasCodes = rows.some(({ code }) => code !== null);
  const sum = (name: keyof Known): bigint => rows.reduce((all, row) => all + row[name], 0n);
  const last = total ?? { net: sum("net"), tax: sum("tax"), gross: sum("gross") };
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          <Th>Line</Th>
          <Th align="end">Quantity</Th>
          {hasCodes && <Th>Tax code</Th>}
          <Th align="end">Net</Th>
          <Th align="end">Tax</Th>
          <Th align="end">Gross {currency}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <Td>{row.name}</Td>
            <Td align="end">{row.quantity}</Td>
            {hasCodes && <Td>{row.code}</Td>}
            {(["net", "tax", "gross"] as const).map((name) => (
              <Td key={name} align="end">
                <Amount minor={row[name]} currency={currency} />
              </Td>
            ))}
          </tr>
        ))}
        <TotalRow>
          <Td>Total</Td>
          <Td />
          {hasCodes && <Td />}
          {(["net", "tax", "gross"] as const).map((name) => (
            <Td key={name} align="end">
              <Amount minor={last[name]} currency={currency} />
            </Td>
          ))}
        </TotalRow>
      </tbody>
    </Table>
  );
}

function Requests({ requests }: Readonly<{ requests: StoredPreview[number]["requests"] }>) {
  return (
    <details className="text-sm">
      <summary className="cursor-pointer text-soft">
        {requests.length === 1
          ? "The request as it goes out"
          : `The ${requests.length} requests as they go out`}
      </summary>
      <ol className="mt-2 flex list-inside list-decimal flex-col gap-2">
        {requests.map((request) => (
          <li key={`${request.method} ${request.path} ${request.does}`} className="min-w-0">
            {request.does}
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
              tabIndex={0}
              className="mt-1 max-h-80 overflow-auto rounded-md bg-sunken p-2 text-xs"
            >
              {`${request.method} ${request.path}${request.body == null ? "" : `\n${JSON.stringify(request.body, null, 2)}`}`}
            </pre>
          </li>
        ))}
      </ol>
    </details>
  );
}
