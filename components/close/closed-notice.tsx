import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Message } from "@/components/ui/message";
import type { Strip } from "@/lib/close/strip";

/** Says, where live rows of a closed month are listed, that they are no part of what is locked, and by how much they differ. */
export function ClosedNotice({
  strips,
  entityId,
  period,
  of,
}: Readonly<{
  strips: readonly Strip[];
  entityId: string;
  period: string;
  /** what of the lock is shown instead */
  of: "lines" | "causes";
}>) {
  const closed = strips.filter(({ locked }) => locked !== null);
  if (closed.length === 0) return null;
  return (
    <Message
      tone="neutral"
      title="This month is closed: these are the live figures, not those that are locked."
      action={
        <Link
          href={`/close/${period}/locked?entity=${encodeURIComponent(entityId)}&of=${of}` as Route}
          className="underline underline-offset-4"
        >
          Show what is locked
        </Link>
      }
    >
      <ul aria-label="Live less locked">
        {closed.map(
          ({ currency, locked }) =>
            locked && (
              <li key={currency}>
                Live − locked: SCAYLE <Amount minor={locked.late.scayle} currency={currency} signed />, ERP{" "}
                <Amount minor={locked.late.erp} currency={currency} signed withCurrency />
              </li>
            ),
        )}
      </ul>
    </Message>
  );
}
