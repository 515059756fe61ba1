import { Amount } from "@/components/ui/amount";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import { type AccountClass, type AccountRow, byKey, sumOfSide } from "@/lib/domain/vat";
import { WhyLink, type WhyOf } from "./why-link";

const classNames: Readonly<Record<AccountClass, string>> = {
  revenue: "Revenue from goods",
  refunds: "Refunds of goods",
  shipping: "Shipping charged",
  "shipping-refunds": "Shipping refunded",
  fees: "Fees",
  discounts: "Discounts as lines of their own",
  "gift-cards": "Gift cards sold",
  rounding: "Rounding lines",
  header: "Stated by an order beyond its items and fees",
};

/** What was sold, refunded, charged and deducted, by kind and by the account that the ERP's lines name. */
export function AccountsTable({
  rows,
  currency,
  caption = `Kinds and accounts in ${currency}`,
  why,
}: Readonly<{
  rows: readonly AccountRow[];
  currency: string;
  caption?: string;
  /** where what made its totals is; absent where they are no totals of the tie-out */
  why?: WhyOf | undefined;
}>) {
  if (rows.length === 0) return <p className="p-4 text-sm text-soft">No line of this month counts.</p>;
  const classes = [...byKey(rows, (row) => row.class)];
  const discount = rows.reduce((all, row) => all + row.erpDiscount, 0n);
  return (
    <>
      <Table caption={caption} stacked>
        <thead>
          <tr>
            <Th>Kind</Th>
            <Th>Account of the ERP</Th>
            <Th align="end">Net, SCAYLE</Th>
            <Th align="end">Net, ERP</Th>
            <Th align="end">Gross, SCAYLE</Th>
            <Th align="end">Gross, ERP</Th>
            <Th align="end">Difference, gross</Th>
          </tr>
        </thead>
        <tbody>
          {classes.map(([name, mine]) => (
            <Class key={name} name={name} rows={mine} currency={currency} />
          ))}
          <TotalRow>
            <Td label="All">
              <span className="max-md:hidden">All</span>
            </Td>
            <Td className="max-md:hidden" />
            <Figures
              of={{ scayle: sumOfSide(rows, "scayle"), erp: sumOfSide(rows, "erp") }}
              currency={currency}
              why={why}
            />
          </TotalRow>
        </tbody>
      </Table>
      <p className="px-4 py-2 text-soft text-xs">
        Of the ERP’s lines <Amount minor={discount} currency={currency} withCurrency className="text-ink" />{" "}
        were deducted as discounts; the amounts here are after them. A gift card or voucher that somebody pays
        with is a means of payment and no line.
      </p>
    </>
  );
}

function Class({
  name,
  rows,
  currency,
}: Readonly<{ name: AccountClass; rows: readonly AccountRow[]; currency: string }>) {
  const accounts = rows.filter((row) => row.erp.lines !== 0 || row.erp.gross !== 0n);
  const named = accounts.filter((row) => row.account !== null);
  return (
    <>
      <tr>
        <Td label="Kind" className="font-medium">
          {classNames[name]}
        </Td>
        <Td label="Account of the ERP" className="text-soft">
          {accounts.length === 0
            ? "no line of the ERP"
            : named.length === 0
              ? "its lines name none"
              : named.length === 1 && accounts.length === 1
                ? named[0]?.account
                : `${accounts.length} of them`}
        </Td>
        <Figures
          of={{ scayle: sumOfSide(rows, "scayle"), erp: sumOfSide(rows, "erp") }}
          currency={currency}
        />
      </tr>
      {accounts.length > 1 &&
        accounts.map((row) => (
          <tr key={row.account ?? "none"}>
            <Td className="max-md:hidden" />
            <Td label="Account of the ERP">{row.account ?? "its lines name none"}</Td>
            <Td className="max-md:hidden" />
            <Td label="Net, ERP" align="end">
              <Amount minor={row.erp.net} currency={currency} />
            </Td>
            <Td className="max-md:hidden" />
            <Td label="Gross, ERP" align="end">
              <Amount minor={row.erp.gross} currency={currency} />
            </Td>
            <Td className="max-md:hidden" />
          </tr>
        ))}
    </>
  );
}

function Figures({
  of: { scayle, erp },
  currency,
  why,
}: Readonly<{ of: Pick<AccountRow, "scayle" | "erp">; currency: string; why?: WhyOf | undefined }>) {
  const difference = scayle.gross - erp.gross;
  return (
    <>
      <Td label="Net, SCAYLE" align="end">
        <WhyLink href={why?.("scayle", "net")} name="net, SCAYLE">
          <Amount minor={scayle.net} currency={currency} />
        </WhyLink>
      </Td>
      <Td label="Net, ERP" align="end">
        <WhyLink href={why?.("erp", "net")} name="net, ERP">
          <Amount minor={erp.net} currency={currency} />
        </WhyLink>
      </Td>
      <Td label="Gross, SCAYLE" align="end">
        <WhyLink href={why?.("scayle", "gross")} name="gross, SCAYLE">
          <Amount minor={scayle.gross} currency={currency} />
        </WhyLink>
      </Td>
      <Td label="Gross, ERP" align="end">
        <WhyLink href={why?.("erp", "gross")} name="gross, ERP">
          <Amount minor={erp.gross} currency={currency} />
        </WhyLink>
      </Td>
      <Td label="Difference, gross" align="end" className={difference === 0n ? "text-soft" : "font-medium"}>
        <Amount minor={difference} currency={currency} signed />
      </Td>
    </>
  );
}
