import { formatAmount } from "@/lib/domain/money";
import { cx } from "./class-names";

/** Minor units as the screens get them: bigint, the integer text of a JSON column, or null for unknown. */
export type MinorLike = bigint | string | null;

/**
 * An amount as people read it: grouped, with a true minus and figures of equal width, without its currency
 * (the column or the heading says that once). Unknown is not zero and is said.
 */
export function Amount({
  minor,
  currency,
  signed = false,
  withCurrency = false,
  className,
}: Readonly<{
  minor: MinorLike;
  currency: string;
  /** A plus before amounts above zero: for differences. */
  signed?: boolean;
  withCurrency?: boolean;
  className?: string;
}>) {
  if (minor === null) return <span className={cx("text-soft", className)}>unknown</span>;
  const text = amountText(minor, currency, signed);
  return (
    <span className={cx("figures", className)}>
      {text}
      {withCurrency && <span className="text-soft"> {currency}</span>}
    </span>
  );
}

/** The same as text: for labels, charts and sentences. */
export function amountText(minor: bigint | string, currency: string, signed = false): string {
  const value = typeof minor === "string" ? BigInt(minor) : minor;
  return `${signed && value > 0n ? "+" : ""}${formatAmount(value, currency)}`;
}
