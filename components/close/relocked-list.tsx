import { Amount } from "@/components/ui/amount";
import { Instant } from "@/components/ui/instant";
import type { Lock } from "@/lib/close/locks";

/** The orders that were locked anew after the month was signed: by how much it moved what is locked, who asked, who approved. */
export function RelockedList({ locks, timeZone }: Readonly<{ locks: readonly Lock[]; timeZone: string }>) {
  return (
    <ul aria-label="Locked since signing" className="list-inside list-disc">
      {locks.map((lock) => (
        <li key={lock.lockNo}>
          Locked since signing: order {lock.order}, <LockChanges lock={lock} />,{" "}
          <Instant at={lock.lockedAt} timeZone={timeZone} />
        </li>
      ))}
    </ul>
  );
}

/** "ERP +427.42 GBP, asked by Petra, approved by Rosa" */
export function LockChanges({ lock }: Readonly<{ lock: Lock }>) {
  return (
    <>
      {lock.changes.length === 0 && "no total moved"}
      {lock.changes.map(({ currency, scayle, erp }, at) => (
        <span key={currency}>
          {at > 0 && "; "}
          {scayle !== 0n && (
            <>
              SCAYLE <Amount minor={scayle} currency={currency} signed />
              {erp !== 0n && ", "}
            </>
          )}
          {erp !== 0n && (
            <>
              ERP <Amount minor={erp} currency={currency} signed />
            </>
          )}{" "}
          {currency}
        </span>
      ))}
      , asked by {lock.askedBy}, approved by {lock.approvedBy}
    </>
  );
}
