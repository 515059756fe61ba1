import { Amount } from "@/components/ui/amount";
import { Table, Td, Th } from "@/components/ui/table";
import { monthName } from "@/lib/domain/day";
import type { StoredFigures } from "@/lib/resolutions/stored";

/** What the order and its months were worth before it was sent, and after it was read back. */
export function BeforeAfter({ before, after }: Readonly<{ before: StoredFigures; after: StoredFigures }>) {
  const rows = rowsOf(before, after);
  const moved = rows.filter((row) => row.from !== row.to);
  const still = rows.filter((row) => row.from === row.to);
  const known = new Set(before.documents.map(nameOf));
  const fresh = after.documents.filter((document) => !known.has(nameOf(document)));
  return (
    <div className="flex flex-col gap-2">
      {moved.length > 0 && (
        <FiguresTable caption="Before it was sent and after it was read back" rows={moved} />
      )}
      {still.length > 0 && (
        <details>
          <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
            {still.length === 1 ? "1 figure" : `${still.length} figures`} that did not move
          </summary>
          <FiguresTable caption="Figures that did not move" rows={still} />
        </details>
      )}
      {fresh.length > 0 && (
        <p className="text-sm">
          New documents:{" "}
          {fresh
            .map(
              ({ side, kind, number }) =>
                `${kind === "credit" ? "credit" : "sale"} ${number} in ${side === "erp" ? "the ERP" : "SCAYLE"}`,
            )
            .join(", ")}
          .
        </p>
      )}
    </div>
  );
}

function FiguresTable({ caption, rows }: Readonly<{ caption: string; rows: readonly Row[] }>) {
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          <Th>Figure</Th>
          <Th align="end">Before</Th>
          <Th align="end">After</Th>
          <Th align="end">Moved by</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, currency, from, to }) => (
          <tr key={`${name} ${currency}`}>
            <Td>{name}</Td>
            <Td align="end">
              <Amount minor={from} currency={currency} signed />
            </Td>
            <Td align="end">
              <Amount minor={to} currency={currency} signed />
            </Td>
            <Td align="end">
              <Amount minor={to - from} currency={currency} signed withCurrency />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

const nameOf = ({ side, kind, number }: StoredFigures["documents"][number]): string =>
  `${side} ${kind} ${number}`;

type Row = Readonly<{ name: string; currency: string; from: bigint; to: bigint }>;

function rowsOf(before: StoredFigures, after: StoredFigures): readonly Row[] {
  const rows: Row[] = [];
  const keys = new Set(
    [...before.order, ...after.order].map(({ period, currency }) => `${period} ${currency}`),
  );
  for (const key of [...keys].sort()) {
    const [period = "", currency = ""] = key.split(" ");
    const of = (figures: StoredFigures) =>
      figures.order.find((one) => one.period === period && one.currency === currency);
    const month = (figures: StoredFigures) =>
      figures.months.find((one) => one.period === period && one.currency === currency);
    const name = monthName(period);
    for (const [side, words] of [
      ["scayle", "SCAYLE"],
      ["erp", "ERP"],
    ] as const) {
      for (const field of ["net", "tax", "gross"] as const) {
        const [from, to] = [of(before)?.[side][field] ?? 0n, of(after)?.[side][field] ?? 0n];
        if (from !== 0n || to !== 0n)
          rows.push({ name: `${words}, this order in ${name}, ${field}`, currency, from, to });
      }
    }
    for (const [field, words] of [
      ["net", "net"],
      ["tax", "tax"],
      ["difference", "gross"],
    ] as const) {
      const [from, to] = [month(before)?.[field] ?? null, month(after)?.[field] ?? null];
      // What was kept before had the gross alone.
      if (from !== null && to !== null)
        rows.push({ name: `SCAYLE − ERP, all of ${name}, ${words}`, currency, from, to });
    }
  }
  return rows;
}

type Standing = StoredFigures["order"][number];

/** Whether an order has nothing on either side of a month, or the same. */
const isLevel = ({ scayle, erp }: Standing): boolean =>
  scayle.net === erp.net && scayle.tax === erp.tax && scayle.gross === erp.gross;

/** What an order comes to on both sides now, by month; where it is several, those on which both sides agree are folded. */
export function AsItStands({ figures }: Readonly<{ figures: StoredFigures }>) {
  const { order } = figures;
  if (order.length === 0) return null;
  const apart = order.filter((one) => !isLevel(one));
  const level = order.filter(isLevel);
  const caption = "What this order comes to now, on both sides";
  if (order.length === 1 || apart.length === 0) return <StandingTable caption={caption} rows={order} />;
  return (
    <div className="flex flex-col gap-2">
      <StandingTable caption={caption} rows={apart} />
      {level.length > 0 && (
        <details>
          <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
            {level.length === 1 ? "1 month" : `${level.length} months`} in which both sides agree
          </summary>
          <StandingTable caption="Months in which both sides agree" rows={level} />
        </details>
      )}
    </div>
  );
}

function StandingTable({ caption, rows }: Readonly<{ caption: string; rows: readonly Standing[] }>) {
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          <Th>Month</Th>
          <Th>Side</Th>
          <Th align="end">Net</Th>
          <Th align="end">Tax</Th>
          <Th align="end">Gross</Th>
        </tr>
      </thead>
      <tbody>
        {rows.flatMap(({ period, currency, scayle, erp }) =>
          (
            [
              ["SCAYLE", scayle],
              ["ERP", erp],
              [
                "Difference",
                { net: scayle.net - erp.net, tax: scayle.tax - erp.tax, gross: scayle.gross - erp.gross },
              ],
            ] as const
          ).map(([side, sums]) => (
            <tr key={`${period} ${currency} ${side}`}>
              <Td>{monthName(period)}</Td>
              <Td>{side}</Td>
              {(["net", "tax", "gross"] as const).map((field) => (
                <Td key={field} align="end">
                  <Amount
                    minor={sums[field]}
                    currency={currency}
                    signed={side === "Difference"}
                    withCurrency={field === "gross"}
                  />
                </Td>
              ))}
            </tr>
          )),
        )}
      </tbody>
    </Table>
  );
}
