import type { RunDetail } from "@/lib/sync/data";

/** What a run was asked to do, in words; what is not known here is left to the run's other facts. */
export function askedFor({ kind, scope, period }: Pick<RunDetail, "kind" | "scope" | "period">): string {
  const asked: Readonly<Record<string, unknown>> =
    typeof scope === "object" && scope !== null ? { ...scope } : {};
  const text = (name: string) => (typeof asked[name] === "string" ? asked[name] : null);
  const count = typeof asked["groups"] === "number" ? asked["groups"] : null;
  if (kind === "import")
    return [`the file ${text("file") ?? ""}`.trim(), profileOf(asked)].filter(Boolean).join(", ");
  if (kind === "backfill")
    return text("from") === text("to")
      ? `the day ${text("from")}`
      : `the days from ${text("from")} to ${text("to")}`;
  if (kind === "recount") return "every record of the month, by another way than the sync reads";
  if (kind === "reconcile") {
    if (count !== null) return count === 1 ? "1 order" : `${count.toLocaleString("en")} orders`;
    if (period !== null) return "every order of the month";
    return asked["full"] === true || asked["kind"] === "all" ? "every order" : "the orders that changed";
  }
  if (text("resync") !== null) return "orders that somebody chose";
  if (kind === "resync") return "orders that somebody chose";
  if (text("items") !== null) return "the stock of items that webhooks named";
  if (text("order") === "named by webhooks") {
    const named = typeof asked["named"] === "number" ? asked["named"] : null;
    return named === 1
      ? "1 order that webhooks named"
      : `${named?.toLocaleString("en") ?? "the"} orders that webhooks named`;
  }
  if (text("order") !== null) return `the order ${text("order")}`;
  return asked["full"] === true ? "everything, from the beginning" : "what changed since the last run";
}

function profileOf(asked: Readonly<Record<string, unknown>>): string | null {
  const { profile } = asked;
  return typeof profile === "string" && profile !== "" ? `read by the profile ${profile}` : null;
}
