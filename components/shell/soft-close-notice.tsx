import { Message } from "@/components/ui/message";
import { findSoftClosed } from "@/lib/close/soft-closed";
import { type Month, monthName } from "@/lib/domain/day";

/** Says, where somebody is about to change something of it, that a month is about to be closed. Nothing where none is. */
export async function SoftCloseNotice({
  entityId,
  months,
  orderKey,
}: Readonly<{
  entityId: string;
  /** those that are concerned; absent: those of the order, or any of the entity */
  months?: readonly Month[];
  orderKey?: string;
}>) {
  const found = await findSoftClosed(entityId, { ...(months && { months }), ...(orderKey && { orderKey }) });
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
