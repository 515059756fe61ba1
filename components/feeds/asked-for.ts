import type { RunDetail } from "@/lib/sync/data";

type Asked = Readonly<Record<string, unknown>>;

/** What a run was asked to do, in words; what is not known here is left to the run's other facts. */
export function askedFor({ kind, scope, period }: Pick<RunDetail, "kind" | "scope" | "period">): string {
  const asked: Asked = typeof scope === "object" && scope !== null ? { ...scope } : {};
  switch (kind) {
    case "import":
      return [`the file ${textOf(asked, "file") ?? ""}`.trim(), profileOf(asked)].filter(Boolean).join(", ");
    case "backfill":
      return daysOf(asked);
    case "sweep":
      return `every record of the open months, ${daysOf(asked)}`;
    case "recount":
      return "every record of the month, by another way than the sync reads";
    case "reconcile":
      return groupsOf(asked, period !== null);
    case "resync":
      return "orders that somebody chose";
    default:
      return readingOf(asked);
  }
}

/** What of a feed was to be read. */
function readingOf(asked: Asked): string {
  const order = textOf(asked, "order");
  const named = countOf(asked, "named");
  if (textOf(asked, "items") !== null) {
    if (named === null) return "the stock of items that webhooks named";
    return `the stock of ${counted(named, "item")} that webhooks named`;
  }
  if (order === "named by webhooks")
    return named === null ? "orders that webhooks named" : `${counted(named, "order")} that webhooks named`;
  if (textOf(asked, "resync") !== null) return `a resync of several orders: ${order ?? "some"}`;
  if (textOf(asked, "record") !== null) return `the failed record ${order}, once more`;
  if (order !== null) return `a resync of the order ${order}`;
  return asked["full"] === true ? "everything, from the beginning" : WHAT_CHANGED;
}

const WHAT_CHANGED = "what changed since the last run";

/** What a run was asked for, where a list should say it: not that a feed was read as it always is. Null else. */
export function askedForInList(run: Parameters<typeof askedFor>[0]): string | null {
  if (run.kind !== "backfill" && run.kind !== "sync" && run.kind !== "import") return null;
  const asked = askedFor(run);
  return asked === WHAT_CHANGED ? null : asked;
}

function groupsOf(asked: Asked, ofMonth: boolean): string {
  const count = countOf(asked, "groups");
  if (count !== null) return counted(count, "order");
  if (ofMonth) return "every order of the month";
  return asked["full"] === true || asked["kind"] === "all" ? "every order" : "the orders that changed";
}

function daysOf(asked: Asked): string {
  const [from, to] = [textOf(asked, "from"), textOf(asked, "to")];
  const days = from === to ? `the day ${from}` : `the days from ${from} to ${to}`;
  return asked["anew"] === true ? `${days}; begun anew after it was broken off, and counted from zero` : days;
}

function profileOf(asked: Asked): string | null {
  const profile = textOf(asked, "profile");
  return profile ? `read by the profile ${profile}` : null;
}

const textOf = (asked: Asked, name: string): string | null => {
  const value = asked[name];
  return typeof value === "string" ? value : null;
};

const countOf = (asked: Asked, name: string): number | null => {
  const value = asked[name];
  return typeof value === "number" ? value : null;
};

const counted = (count: number, noun: string): string =>
  count === 1 ? `1 ${noun}` : `${count.toLocaleString("en")} ${noun}s`;
