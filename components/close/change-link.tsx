import type { Route } from "next";
import Link from "next/link";
import { Amount, amountText } from "@/components/ui/amount";
import type { MovedCurrency } from "@/lib/moves/loaders";
import type { MoveTotal } from "@/lib/moves/schema";

/** By how much a total moved, which opens what made it; a dash where it did not. */
export function ChangeLink({
  moved,
  total,
  name,
}: Readonly<{
  moved: MovedCurrency;
  total: MoveTotal;
  /** of the total, for those who hear the link alone */
  name: string;
}>) {
  const change = moved.of(total);
  const amount = amountText(change.moved, moved.currency, true);
  return (
    <Link
      href={change.href as Route}
      aria-label={`Why ${name} moved by ${amount}`}
      className="underline decoration-line-strong decoration-dotted underline-offset-4 hover:decoration-solid"
    >
      {change.moved === 0n ? (
        <span className="text-soft">{amount}</span>
      ) : (
        <Amount minor={change.moved} currency={moved.currency} signed />
      )}
    </Link>
  );
}
