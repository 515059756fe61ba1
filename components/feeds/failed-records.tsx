import type { Route } from "next";
import Link from "next/link";
import { Instant } from "@/components/ui/instant";
import { Payload } from "@/components/ui/payload";
import type { FailedRow } from "@/lib/sync/data";
import { ErrorClassBadge } from "./error-class-badge";

/** Records that could not be read: the reason in words, and the payload as it came, without personal data. */
export function FailedRecords({
  records,
  timeZone,
}: Readonly<{ records: readonly FailedRow[]; timeZone: string }>) {
  if (records.length === 0) {
    return <p className="p-4 text-sm text-soft">Every record that was received could be read.</p>;
  }
  return (
    <ul aria-label="Failed records" className="flex flex-col">
      {records.map((record) => (
        <li
          key={record.id}
          className="flex flex-col gap-1.5 border-line border-b px-4 py-3 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <span className="font-medium">
              {record.orderKnown ? (
                <Link
                  href={`/orders/${record.orderKey}` as Route}
                  className="underline decoration-line-strong underline-offset-4"
                >
                  {record.reference ?? record.sourceId}
                </Link>
              ) : (
                record.reference || record.sourceId || "without an id"
              )}
            </span>
            <span className="text-soft text-xs">
              {record.feedId} · seen <Instant at={record.lastSeenAt} timeZone={timeZone} />
            </span>
          </div>
          <p className="break-words">
            <ErrorClassBadge errorClass={record.errorClass} /> {record.reason}
          </p>
          <Payload payload={record.payload} />
        </li>
      ))}
    </ul>
  );
}
