import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Facts } from "@/components/ui/facts";
import { Message } from "@/components/ui/message";
import { Table, Td, Th } from "@/components/ui/table";
import type { previewSettingsChange } from "@/lib/settings/change/actions";
import { OrderLink } from "../mappings/order-link";

/** What the preview of a change answers. */
export type PreviewView = NonNullable<Awaited<ReturnType<typeof previewSettingsChange>>["data"]>;

type Shown = Omit<PreviewView, "seal">;

/** What a change would do: one sentence, the matches, and the exceptions by cause. */
export function EffectOf({ preview }: Readonly<{ preview: Shown }>) {
  const { matchesLost, made, cleared } = preview;
  const tone =
    matchesLost > 0 ? "broken" : made.length > 0 ? "attention" : cleared.length > 0 ? "agrees" : "neutral";
  return (
    <div className="flex flex-col gap-4">
      {preview.unknown && <Message tone="attention" title={preview.unknown} />}
      <Message tone={tone} title={preview.sentence}>
        {preview.besides}
      </Message>
      <Facts
        items={[
          { label: "Orders looked at", value: preview.groups.toLocaleString("en") },
          { label: "Matches won", value: preview.matchesWon.toLocaleString("en") },
          { label: "Matches lost", value: <Lost preview={preview} /> },
        ]}
      />
      <Rows title="Exceptions cleared" rows={cleared} empty="Clears no exception." />
      <Rows title="Exceptions made" rows={made} empty="Makes no exception." />
    </div>
  );
}

function Lost({ preview: { matchesLost, lost } }: Readonly<{ preview: Shown }>) {
  if (matchesLost === 0) return <Badge tone="agrees">None</Badge>;
  return (
    <>
      <Badge tone="broken">{matchesLost.toLocaleString("en")} lost</Badge>{" "}
      <span>
        {matchesLost > lost.length ? "among them orders " : "orders "}
        {lost.map((order, index) => (
          <span key={order}>
            {index > 0 && ", "}
            <OrderLink order={order} />
          </span>
        ))}
      </span>
    </>
  );
}

function Rows({ title, rows, empty }: Readonly<{ title: string; rows: Shown["cleared"]; empty: string }>) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 font-semibold text-sm">{title}</h3>
      {rows.length === 0 ? (
        <p className="text-sm text-soft">{empty}</p>
      ) : (
        <div className="rounded-md border border-line">
          <Table caption={`${title}, SCAYLE − ERP`}>
            <thead>
              <tr>
                <Th>Cause</Th>
                <Th align="end">Count</Th>
                <Th align="end">Net</Th>
                <Th align="end">Tax</Th>
                <Th align="end">Gross</Th>
                <Th>Currency</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.cause}-${row.currency}`}>
                  <Td>{row.title}</Td>
                  <Td align="end">{row.count.toLocaleString("en")}</Td>
                  {(["net", "tax", "gross"] as const).map((field) => (
                    <Td key={field} align="end">
                      <Amount minor={row[field]} currency={row.currency} signed />
                    </Td>
                  ))}
                  <Td>{row.currency}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </section>
  );
}
