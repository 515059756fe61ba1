import { Amount } from "@/components/ui/amount";
import { cx } from "@/components/ui/class-names";
import { Table, Td, Th } from "@/components/ui/table";
import type { Beside, ComparedField, EvidenceHalf, Running } from "@/lib/exceptions/besides";
import type { ExceptionView } from "@/lib/exceptions/loaders";

const sides = [
  ["scayle", "SCAYLE"],
  ["erp", "ERP"],
] as const;

/** The cause of exceptions that are about an item, and not about an order. */
export const STOCK = "stock-drift";

/** `currency` is the exception's; `spans`: some rows are in another one, so that each row says its own. */
type RowsProps = Readonly<{
  rows: readonly Beside[];
  /** what the differences come to down to each row; shown where there are several */
  down: readonly Running[];
  currency: string;
  spans: boolean;
}>;

/**
 * Both sides beside each other, line by line, with what is left between them on top; the fields that differ are marked by
 * sign, weight and ground.
 */
export function BothSides({
  rows,
  running: { down, totals },
  currency,
  isOver,
  cause,
}: Readonly<{
  cause: string;
  rows: readonly Beside[];
  running: ExceptionView["running"];
  currency: string;
  /** nothing of it differs any more */
  isOver: boolean;
}>) {
  if (rows.length === 0) {
    return (
      <p className="text-sm text-soft">
        {cause === STOCK
          ? "It is about pieces of an item, and not about lines of an order: what each side has of it stands above and in the recomputation, and under “Stock of both sides” as it stands now."
          : isOver
            ? "The lines that it was about are not kept with it: the order shows both sides as they stand now."
            : "This exception is about a record, not about lines: there is nothing to compare."}
      </p>
    );
  }
  const spans = rows.some((row) => (row.currency ?? currency) !== currency);
  return (
    <>
      <Target totals={totals} isOver={isOver} />
      <PhoneRows rows={rows} down={down} currency={currency} spans={spans} />
      <div className="max-md:hidden">
        <SidesTable rows={rows} down={down} currency={currency} spans={spans} />
      </div>
    </>
  );
}

/** What is left between both sides, by currency, and that it is to be nothing. */
function Target({
  totals,
  isOver,
}: Readonly<{ totals: ExceptionView["running"]["totals"]; isOver: boolean }>) {
  return (
    <dl className="flex flex-col gap-1 border-line border-b bg-sunken px-4 py-2 text-sm">
      {totals.map((total) => (
        <div key={total.currency} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5">
          <dt className="font-medium">
            {isOver ? "Was between these lines" : "Left between these lines"}
            <span className="sr-only"> in {total.currency}, SCAYLE − ERP</span>
          </dt>
          {(["net", "tax", "gross"] as const).map((field) => (
            <dd key={field} className="figures">
              <span className="text-soft">{fieldWords[field].toLowerCase()}</span>{" "}
              <span className={total[field] === 0n ? undefined : "font-semibold"}>
                <Amount
                  minor={total[field]}
                  currency={total.currency}
                  signed
                  withCurrency={field === "gross"}
                />
              </span>
            </dd>
          ))}
          <dd className="text-soft">target 0</dd>
        </div>
      ))}
    </dl>
  );
}

const fieldWords = { quantity: "Quantity", net: "Net", tax: "Tax", gross: "Gross" } as const;

/** The same rows on a phone: a card each, both sides in two columns. */
function PhoneRows({ rows, down, currency, spans }: RowsProps) {
  return (
    <ul aria-label={spans ? "Both sides" : `Both sides in ${currency}`} className="flex flex-col md:hidden">
      {rows.map((row, index) => (
        <li key={row.key} className="border-line border-b px-4 py-3 text-sm last:border-b-0">
          <p className="font-medium">
            {row.label}
            {spans && <span className="font-normal text-soft"> in {row.currency ?? currency}</span>}
          </p>
          <div className="mt-1 grid grid-cols-[auto_1fr_1fr_1fr] gap-x-3 gap-y-0.5 text-right">
            <span />
            <span className="text-soft text-xs">SCAYLE</span>
            <span className="text-soft text-xs">ERP</span>
            <span className="text-soft text-xs">Difference</span>
            {row.differing.includes("item") && (
              <>
                <span className="text-left text-soft">Item</span>
                {sides.map(([side]) => (
                  <span key={side} className="break-words bg-attention-soft font-semibold">
                    <Differs />
                    {row[side]?.item}
                  </span>
                ))}
                <span />
              </>
            )}
            {(["quantity", "net", "tax", "gross"] as const).map((field) => (
              <PhoneField key={field} field={field} row={row} currency={row.currency ?? currency} />
            ))}
            {row.part && (
              <p className="col-span-4 text-left text-soft text-xs">
                Of the difference this exception explains net{" "}
                <Amount minor={row.part.net} currency={row.currency ?? currency} signed />, tax{" "}
                <Amount minor={row.part.tax} currency={row.currency ?? currency} signed />; the rest belongs
                to others of this order.
              </p>
            )}
            {(row.erp || row.scayle?.taxRate) && (
              <p className="col-span-4 text-left text-soft text-xs">
                {row.differing.includes("taxCode") && <Differs />}
                Tax: SCAYLE {row.scayle ? taxText(row.scayle, false) : "nothing"}, ERP{" "}
                {row.erp ? taxText(row.erp, true) : "nothing"}
              </p>
            )}
            {rows.length > 1 && (
              <p className="col-span-4 text-left text-soft text-xs">
                Running difference: net{" "}
                <Amount minor={down[index]?.net ?? null} currency={row.currency ?? currency} signed />, tax{" "}
                <Amount minor={down[index]?.tax ?? null} currency={row.currency ?? currency} signed />, gross{" "}
                <Amount minor={down[index]?.gross ?? null} currency={row.currency ?? currency} signed />
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function PhoneField({
  field,
  row,
  currency,
}: Readonly<{ field: keyof typeof fieldWords; row: Beside; currency: string }>) {
  const textOf = (half: EvidenceHalf | null) => {
    if (!half) return "nothing";
    if (field === "quantity") return half.quantity?.replace("-", "−") ?? "unknown";
    return <Amount minor={half[field]} currency={currency} />;
  };
  const differs = row.differing.includes(field);
  return (
    <>
      <span className="text-left text-soft">{fieldWords[field]}</span>
      {[row.scayle, row.erp].map((half, index) => (
        <span key={sides[index]?.[0]} className={cx("figures", differs && "bg-attention-soft font-semibold")}>
          {differs && <Differs />}
          {textOf(half)}
        </span>
      ))}
      <span className="figures">
        {field !== "quantity" && <Amount minor={row.difference[field]} currency={currency} signed />}
      </span>
    </>
  );
}

function SidesTable({ rows, down, currency, spans }: RowsProps) {
  return (
    <Table caption={`Both sides, line by line${spans ? "" : `, in ${currency}`}`}>
      <thead>
        <tr>
          <Th>Line</Th>
          <Th>Side</Th>
          <Th align="end">Quantity</Th>
          <Th align="end">Net</Th>
          <Th align="end">Tax</Th>
          <Th align="end">Gross{spans ? "" : ` ${currency}`}</Th>
          <Th>Tax code</Th>
        </tr>
      </thead>
      {rows.map((row, place) => (
        <tbody key={row.key}>
          {sides.map(([side, name], index) => (
            <tr key={side}>
              {index === 0 && (
                <th
                  scope="rowgroup"
                  rowSpan={rows.length > 1 ? 4 : 3}
                  className="border-line border-b px-3 py-2 text-left align-top font-medium"
                >
                  {row.label}
                  {row.sku && row.sku !== row.label && !row.differing.includes("item") && (
                    <span className="block font-normal text-soft text-xs">{row.sku}</span>
                  )}
                </th>
              )}
              <Td className={cx(row.differing.includes("item") && "bg-attention-soft font-semibold")}>
                {name}
                {row.differing.includes("item") && (
                  <span className="block">
                    <Differs />
                    {row[side]?.item}
                  </span>
                )}
              </Td>
              <HalfCells half={row[side]} row={row} currency={row.currency ?? currency} spans={spans} />
            </tr>
          ))}
          <tr>
            <Td className="text-soft">Difference</Td>
            <Td />
            {(["net", "tax", "gross"] as const).map((field) => (
              <Td
                key={field}
                align="end"
                className={row.difference[field] === 0n ? "text-soft" : "font-semibold"}
              >
                <Amount
                  minor={row.difference[field]}
                  currency={row.currency ?? currency}
                  signed
                  withCurrency={spans && field === "gross"}
                />
              </Td>
            ))}
            <Td />
          </tr>
          {rows.length > 1 && (
            <tr>
              <Td className="text-soft">Running</Td>
              <Td />
              {(["net", "tax", "gross"] as const).map((field) => (
                <Td key={field} align="end" className="text-soft">
                  <Amount
                    minor={down[place]?.[field] ?? null}
                    currency={row.currency ?? currency}
                    signed
                    withCurrency={spans && field === "gross"}
                  />
                </Td>
              ))}
              <Td className="text-soft">down to here, target 0</Td>
            </tr>
          )}
          {row.part && (
            <tr>
              <Td />
              <Td className="text-soft">of it this exception</Td>
              <Td />
              {(["net", "tax", "gross"] as const).map((field) => (
                <Td key={field} align="end" className="text-soft">
                  <Amount minor={row.part?.[field] ?? null} currency={row.currency ?? currency} signed />
                </Td>
              ))}
              <Td className="text-soft">the rest: others of this order</Td>
            </tr>
          )}
        </tbody>
      ))}
    </Table>
  );
}

function HalfCells({
  half,
  row,
  currency,
  spans,
}: Readonly<{ half: EvidenceHalf | null; row: Beside; currency: string; spans: boolean }>) {
  if (!half) {
    return (
      <Td colSpan={5} className="bg-attention-soft font-semibold">
        <Differs />
        nothing
      </Td>
    );
  }
  const marked = (field: ComparedField) => row.differing.includes(field);
  return (
    <>
      <Marked on={marked("quantity")}>{half.quantity?.replace("-", "−") ?? "unknown"}</Marked>
      {(["net", "tax", "gross"] as const).map((field) => (
        <Marked key={field} on={marked(field)}>
          <Amount minor={half[field]} currency={currency} withCurrency={spans && field === "gross"} />
        </Marked>
      ))}
      <Td className={cx(marked("taxCode") && "bg-attention-soft font-semibold")}>
        {marked("taxCode") && <Differs />}
        {taxText(half, half === row.erp)}
      </Td>
    </>
  );
}

function taxText(half: EvidenceHalf, isErp: boolean): string {
  const code = half.taxCode ?? (isErp ? "none" : "");
  const rate = half.taxRate === null ? "" : half.taxRate.split(", ").map(percent).join(", ");
  return [code, rate, half.taxAllocated ? "allocated" : ""].filter(Boolean).join(" · ") || "–";
}

/** "0.19" as "19 %", by its digits. */
function percent(rate: string): string {
  const [whole = "0", fraction = ""] = rate.split(".");
  const digits = `${whole}${fraction.padEnd(2, "0").slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const rest = fraction.slice(2).replace(/0+$/, "");
  return `${digits}${rest ? `.${rest}` : ""} %`;
}

function Marked({ on, children }: Readonly<{ on: boolean; children: React.ReactNode }>) {
  return (
    <Td align="end" className={on ? "bg-attention-soft font-semibold" : undefined}>
      {on && <Differs />}
      {children}
    </Td>
  );
}

/** The mark of a field that is another on the other side. */
const Differs = () => (
  <span className="text-attention">
    <span className="sr-only">differs: </span>
    <span aria-hidden>≠ </span>
  </span>
);
