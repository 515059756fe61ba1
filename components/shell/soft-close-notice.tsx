import { Message } from "@/components/ui/message";
import type { SoftClosed } from "@/lib/close/softclose-view";
import { type Month, monthName } from "@/lib/domain/day";

/** Says, where somebody is about to change something of it, that a month is about to be closed. Nothing where none is. */
export function SoftCloseNotice({ found }: Readonly<{ found: readonly SoftClosed[] }>) {
  const [first] = found;
  if (!first) return null;
  const names = found.map((one) => monthName(one.month)).join(" and ");
  return (
    <Message tone="attention" title={`${names} ${found.length === 1 ? "is" : "are"} about to be closed.`}>
      {first.by} asks everybody to change nothing of {found.length === 1 ? "it" : "them"} without need. What
      you do here may move {found.length === 1 ? "its" : "their"} figures: signatures that are given already
      would be suspended.
    </Message>
  );
}

/** Says of something that counts in a closed month that what is locked stays, whatever is done about it. Nothing where none is. */
export function ClosedMonthNotice({ months }: Readonly<{ months: readonly Month[] }>) {
  if (months.length === 0) return null;
  const isOne = months.length === 1;
  return (
    <Message tone="neutral" title={`${months.map(monthName).join(" and ")} ${isOne ? "is" : "are"} closed.`}>
      What is locked of {isOne ? "it" : "them"} stays as it is. Where what you do here moves{" "}
      {isOne ? "its" : "their"} figures, that is a late arrival, which is proposed for the next open month.
    </Message>
  );
}
