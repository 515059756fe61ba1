/** An order as it stood at one moment, as far as people care what changed. */
export type Snapshot = Readonly<{
  status: string | null;
  documents: readonly Readonly<{ id: string; side: string; kind: string; number: string; version: number }>[];
  exceptions: readonly Readonly<{ id: string; title: string; open: boolean; amount: string }>[];
  /** why what was received of it last can't be read, one sentence each */
  unread: readonly string[];
}>;

/** What is different between two moments, one sentence each. */
export function changesBetween(before: Snapshot, after: Snapshot): readonly string[] {
  const changes: string[] = [];
  if (before.status !== after.status) {
    changes.push(`The order's status went from ${before.status ?? "none"} to ${after.status ?? "none"}.`);
  }
  const name = (one: Snapshot["documents"][number]) =>
    `${one.side === "erp" ? "The ERP's" : "SCAYLE's"} ${one.kind} ${one.number}`;
  for (const document of after.documents) {
    const old = before.documents.find((one) => one.id === document.id);
    if (!old) changes.push(`${name(document)} is new.`);
    else if (old.version !== document.version) changes.push(`${name(document)} changed.`);
  }
  for (const document of before.documents) {
    if (!after.documents.some((one) => one.id === document.id)) changes.push(`${name(document)} is gone.`);
  }
  for (const reason of after.unread.filter((one) => !before.unread.includes(one))) {
    changes.push(`What came of it can't be read: ${reason}`);
  }
  if (before.unread.length > 0 && after.unread.length === 0) changes.push("All of it can be read now.");
  for (const exception of after.exceptions) {
    const old = before.exceptions.find((one) => one.id === exception.id);
    if (exception.open && !old?.open) changes.push(`${exception.title} (${exception.amount}) was found.`);
    else if (!exception.open && old?.open) changes.push(`${exception.title} (${old.amount}) is settled.`);
    else if (exception.open && old && old.amount !== exception.amount) {
      changes.push(`${exception.title} went from ${old.amount} to ${exception.amount}.`);
    }
  }
  return changes;
}
