import type { Role } from "@/lib/auth/permissions";

/** What a role looks at, how often. Month-end checks are the entity's own checklist, which the manual shows beside these. */
export type Check = Readonly<{
  role: Role;
  every: "day" | "week";
  what: string;
  where: string;
  href: string;
}>;

export const checks: readonly Check[] = [
  {
    role: "operations",
    every: "day",
    what: "Every open alert of your team has somebody who looks after it.",
    where: "Alerts",
    href: "/alerts",
  },
  {
    role: "operations",
    every: "day",
    what: "Every feed is within its promise; none is held.",
    where: "Feeds",
    href: "/feeds",
  },
  {
    role: "operations",
    every: "day",
    what: "No record waits that could not be read.",
    where: "Feeds, failed records",
    href: "/feeds/failed",
  },
  {
    role: "operations",
    every: "day",
    what: "Nothing of your team is overdue, and what came in since yesterday has somebody.",
    where: "Exceptions, my team",
    href: "/exceptions?team=mine",
  },
  {
    role: "operations",
    every: "day",
    what: "SCAYLE sells no more than the ERP has; what drifts is pushed.",
    where: "Feeds, stock, oversell risk",
    href: "/feeds/stock?view=risk",
  },
  {
    role: "operations",
    every: "week",
    what: "Webhooks of the week arrived and were read.",
    where: "Feeds, webhooks",
    href: "/feeds/webhooks",
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
    href: "/exceptions?approval=asked",
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
];
