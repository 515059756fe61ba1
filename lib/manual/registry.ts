import type { Role } from "@/lib/auth/permissions";

/** What of an entity is counted for a check: it is done where there is none. */
export type Counted =
  | "alerts"
  | "feeds"
  | "failed"
  | "jobs"
  | "webhooks"
  | "overdue"
  | "unassigned"
  | "oversell"
  | "drift";

/** What a role looks at, how often. At month-end the entity's own checklist comes beside these, for finance and operations. */
export type Check = Readonly<{
  role: Role;
  every: "day" | "week" | "month";
  what: string;
  where: string;
  href: string;
  /** where it ticks itself: by which count, and what is said of so many that are left */
  ticks?: Readonly<{ by: Counted; left: (count: number) => string }>;
}>;

const some = (one: string, many: string) => (count: number) =>
  count === 1 ? `1 ${one}` : `${count.toLocaleString("en")} ${many}`;

export const checks: readonly Check[] = [
  {
    role: "operations",
    every: "day",
    what: "Every open alert of operations has somebody who looks after it.",
    where: "Alerts",
    href: "/alerts",
    ticks: {
      by: "alerts",
      left: some("alert of operations has nobody yet", "alerts of operations have nobody yet"),
    },
  },
  {
    role: "operations",
    every: "day",
    what: "Every feed is within its promise; none is held.",
    where: "Feeds",
    href: "/feeds",
    ticks: { by: "feeds", left: some("feed is behind or held", "feeds are behind or held") },
  },
  {
    role: "operations",
    every: "day",
    what: "Every record could be read.",
    where: "Feeds, failed records",
    href: "/feeds/failed",
    ticks: { by: "failed", left: some("record could not be read", "records could not be read") },
  },
  {
    role: "operations",
    every: "day",
    what: "No job has failed.",
    where: "Feeds, jobs that failed",
    href: "/feeds",
    ticks: { by: "jobs", left: some("job has failed for good", "jobs have failed for good") },
  },
  {
    role: "operations",
    every: "day",
    what: "Every webhook of the last day was understood.",
    where: "Feeds, webhooks",
    href: "/feeds/webhooks",
    ticks: {
      by: "webhooks",
      left: some("webhook of the last day failed", "webhooks of the last day failed"),
    },
  },
  {
    role: "operations",
    every: "day",
    what: "Nothing of operations is overdue.",
    where: "Exceptions, overdue",
    href: "/exceptions?owner=operations&due=overdue&state=open",
    ticks: {
      by: "overdue",
      left: some("exception of operations is overdue", "exceptions of operations are overdue"),
    },
  },
  {
    role: "operations",
    every: "day",
    what: "What came in more than a day ago has somebody.",
    where: "Exceptions, with nobody",
    href: "/exceptions?owner=operations&assignee=none&state=open",
    ticks: {
      by: "unassigned",
      left: some(
        "exception of operations has had nobody for more than a day",
        "exceptions of operations have had nobody for more than a day",
      ),
    },
  },
  {
    role: "operations",
    every: "day",
    what: "SCAYLE sells no more than the ERP has.",
    where: "Feeds, stock, oversell risk",
    href: "/feeds/stock?view=risk",
    ticks: {
      by: "oversell",
      left: some("item is sold beyond what the ERP has", "items are sold beyond what the ERP has"),
    },
  },
  {
    role: "operations",
    every: "day",
    what: "No stock drifts: what did was pushed.",
    where: "Feeds, stock, drifting",
    href: "/feeds/stock?view=drifting",
    ticks: { by: "drift", left: some("item’s stock drifts", "items’ stock drifts") },
  },
  {
    role: "finance-preparer",
    every: "day",
    what: "The largest exceptions of the open month have an owner and are not overdue.",
    where: "Exceptions, by value",
    href: "/exceptions?sort=-value",
  },
  {
    role: "finance-preparer",
    every: "week",
    what: "The root causes that would clear most are with whoever can fix them.",
    where: "Root causes",
    href: "/exceptions/causes",
  },
  {
    role: "finance-reviewer",
    every: "day",
    what: "Nothing waits for your approval: acceptances, resolutions, mappings.",
    where: "Exceptions, to approve",
    href: "/exceptions?approval=asked&state=open",
  },
  {
    role: "finance-reviewer",
    every: "week",
    what: "Rules that always accept something are still right, and none is about to end unnoticed.",
    where: "Settings, what is accepted",
    href: "/settings/acceptance-rules",
  },
  {
    role: "customer-service",
    every: "day",
    what: "What you asked finance and operations is answered, or has somebody.",
    where: "Orders",
    href: "/orders",
  },
  {
    role: "administrator",
    every: "week",
    what: "Who left has no access any more; connections and how they round are confirmed.",
    where: "Settings",
    href: "/settings",
  },
  {
    role: "auditor",
    every: "week",
    what: "The chain of the audit trail is whole.",
    where: "Audit, verify now",
    href: "/audit",
  },
  {
    role: "customer-service",
    every: "month",
    what: "No question about an order of the month is unanswered when it is locked.",
    where: "Orders",
    href: "/orders",
  },
  {
    role: "administrator",
    every: "month",
    what: "Every feed is confirmed up to the cut-off of the month; mappings that end or begin with it are right.",
    where: "Feeds, cut-off",
    href: "/feeds",
  },
  {
    role: "auditor",
    every: "month",
    what: "The month’s proofs hold, different people prepared and reviewed it, and what was accepted in it has a reason.",
    where: "Close",
    href: "/close",
  },
];
