/** What is asked for at a system, in the order in which that is done; feeds of other resources are fed by files. */
export const SYSTEM_RESOURCES = ["orders", "ledger-documents", "invoices", "status", "stock"] as const;

const known: ReadonlySet<string> = new Set(SYSTEM_RESOURCES);

/** Whether a feed of this resource is read from a system; the others are fed by files. */
export const isReadFromSystem = (resource: string): boolean => known.has(resource);

/** Whether a feed of this resource can be read by days, beside its interval. */
export const canBackfill = ({ resource }: Readonly<{ resource: string }>): boolean =>
  resource === "orders" || resource === "ledger-documents";
