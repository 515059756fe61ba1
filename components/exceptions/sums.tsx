import { Amount } from "@/components/ui/amount";
import { cx } from "@/components/ui/class-names";
import type { ExceptionTotal } from "@/lib/exceptions/schema";

/**
 * Net, tax and gross of some exceptions of one currency, summed with their signs, and how much money they are about whatever the
 * signs. The same everywhere: for a filter, for what is selected, for a group.
 */
export function Sums({
  total,
  brief = false,
}: Readonly<{
  total: ExceptionTotal;
  /** on a phone gross and absolute alone */
  brief?: boolean;
}>) {
  const { currency } = total;
  return (
    <>
      {(["net", "tax", "gross"] as const).map((field) => (
        <span key={field} className={cx("whitespace-nowrap", brief && field !== "gross" && "max-md:hidden")}>
          <span className="text-soft">{field} </span>
          <Amount minor={total[field]} currency={currency} signed />
        </span>
      ))}
      <span className="whitespace-nowrap">
        <span className="text-soft">absolute </span>
        <Amount minor={total.extent} currency={currency} />
        <span className="text-soft"> {currency}</span>
      </span>
    </>
  );
}

/** What the sums mean, in words. */
export const SUMS_MEAN =
  "Net, tax and gross are SCAYLE − ERP, added up with their signs: +5 and −5 make 0. Absolute adds up, of each exception, the largest of its net, tax and gross without the sign: how much money there is to look at. Root causes, due dates and the amount filter use the absolute figure. Currencies are never added together.";
