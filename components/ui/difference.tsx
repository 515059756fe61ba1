import { Amount } from "./amount";

/**
 * What an exception is worth, in one figure: its gross; where that is zero the tax that differs (the net by as much);
 * where nothing differs in sum, that. Amounts in minor units, SCAYLE − ERP.
 */
export function Difference({
  net,
  tax,
  gross,
  currency,
  className,
}: Readonly<{ net: bigint; tax: bigint; gross: bigint; currency: string; className?: string }>) {
  if (gross !== 0n)
    return <Amount minor={gross} currency={currency} signed withCurrency className={className ?? ""} />;
  if (net === 0n && tax === 0n) return <span className="text-soft">no amount</span>;
  return (
    <span className={className}>
      <span className="font-normal text-soft">tax </span>
      <Amount minor={tax} currency={currency} signed withCurrency />
    </span>
  );
}
