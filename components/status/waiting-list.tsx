import type { Route } from "next";
import Link from "next/link";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import { causeOf } from "@/lib/causes/registry";
import { missingWords } from "@/lib/domain/status/step-words";
import type { WaitingOrder } from "@/lib/status/data";

/** The orders behind a count, those that wait longest first. */
export function WaitingList({
  rows,
  step,
  timeZone,
}: Readonly<{ rows: readonly WaitingOrder[]; step: string; timeZone: string }>) {
  if (rows.length === 0)
    return <EmptyState title="No order stands so any more.">It has come since.</EmptyState>;
  return (
    <Table caption="Orders, those that wait longest first" stacked>
      <thead>
        <tr>
          <Th>Order</Th>
          <Th>Since</Th>
          <Th>What is known</Th>
          <Th>Exception</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ orderKey, reference, since, says, documents, codes, items, exceptionId, cause }) => (
          <tr key={`${orderKey} ${says ?? ""}`}>
            <Td label="Order">
              <Link href={`/orders/${orderKey}` as Route} className="underline underline-offset-2">
                {reference}
              </Link>
            </Td>
            <Td label="Since">
              <Instant at={since} timeZone={timeZone} />
            </Td>
            <Td label="What is known">
              {says ??
                (codes.length > 0
                  ? `SCAYLE says ${codes.join(", ")}`
                  : documents.length > 0
                    ? `The ERP has ${documents.join(", ")}`
                    : missingWords(step, items))}
            </Td>
            <Td label="Exception">
              {exceptionId ? (
                <>
                  <Link href={`/exceptions/${exceptionId}` as Route} className="underline underline-offset-2">
                    Put it right
                    <span className="sr-only"> of {reference}</span>
                  </Link>
                  {cause !== null && cause !== "status-drift" && (
                    <span className="block text-soft text-xs">{causeOf(cause)?.title ?? cause}</span>
                  )}
                </>
              ) : (
                <span className="text-soft">none</span>
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
