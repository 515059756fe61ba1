import "server-only";
import { cache } from "react";
import { alertKinds } from "@/lib/alerts/registry";
import { findAlertRules } from "@/lib/alerts/rules";
import { isRole, permitting, roleTable } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { causeOf, causes } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { durationWords } from "@/lib/domain/duration";
import { resolutionsFor } from "@/lib/resolutions/registry";
import {
  findConnections,
  findCutOffs,
  findFeedsInForce,
  findMonthEndTasks,
  findOwners,
  findTeamsOf,
} from "./data";
import { glossary } from "./glossary";
import { findMappingsInForce } from "./mappings";
import { checks } from "./registry";

/** What feeds bring, in words; which system's word counts where both have it; and the cause whose owner looks after it. */
const RECORDS: Readonly<Record<string, Readonly<{ brings: string; leads: string; cause: string }>>> = {
  orders: {
    brings: "Orders, their items, prices, customers, parcels and payments",
    leads: "SCAYLE while the order is live, with its prices and customers; the ERP once it is finalised",
    cause: "sale-missing-in-erp",
  },
  invoices: {
    brings: "SCAYLE’s list of invoices and credit notes",
    leads: "the ERP: its postings are the books; this list says what customers were sent",
    cause: "credit-note-failed",
  },
  "ledger-documents": {
    brings: "Posted invoices and credit memos of the ERP",
    leads: "the ERP: finance, and orders that are finalised",
    cause: "tax-code-wrong",
  },
  status: { brings: "Where orders stand", leads: "SCAYLE while the order is live", cause: "status-drift" },
  stock: { brings: "Stock levels", leads: "the ERP", cause: "stock-drift" },
};

/** The operating manual as the system stands at this moment: nothing in it is written twice. */
export const loadManual = cache(async () => {
  const { entities } = await pageEntities("orders.read", undefined);
  const ids = entities.map((entity) => entity.id);
  const pool = appPool();
  const at = new Date();
  const [teams, owners, connections, feeds, cutOffs, mappings, tasks, rules] = await Promise.all([
    findTeamsOf(pool),
    findOwners(pool, ids),
    findConnections(pool, ids),
    findFeedsInForce(pool, ids),
    findCutOffs(pool, ids),
    findMappingsInForce(pool, ids, at),
    findMonthEndTasks(pool, ids),
    Promise.all(
      ids.map(async (entityId) =>
        (await findAlertRules(pool, entityId)).map((rule) => ({ ...rule, entityId })),
      ),
    ),
  ]);
  const nameOf = (team: string) => teams.find((one) => one.id === team)?.name ?? team;
  // As ownership has it: of the entity, else everywhere, else as the cause comes.
  const ownerIn = (cause: string, entityId: string): string => {
    const rule = (of: string | null) =>
      owners.find((one) => one.cause === cause && one.entityId === of && one.shop === null)?.team;
    return nameOf(rule(entityId) ?? rule(null) ?? causeOf(cause)?.defaultOwner ?? "operations");
  };
  return {
    at,
    entities,
    timeZone: entities[0]?.timeZone ?? "UTC",
    teams,
    causes: causes.map((cause) => ({
      code: cause.code,
      title: cause.title,
      meaning: cause.meaning,
      manual: cause.manual,
      resolution: cause.resolution,
      // What raises no exception has no page on which anything could be offered.
      ways: cause.raises ? resolutionsFor(cause.code).map((one) => one.title) : [],
      // Everywhere first, then where an entity or a shop has another owner.
      owners: [
        {
          where: "everywhere",
          team: nameOf(
            owners.find((one) => one.cause === cause.code && one.entityId === null && one.shop === null)
              ?.team ?? cause.defaultOwner,
          ),
        },
        ...owners
          .filter((one) => one.cause === cause.code && (one.entityId !== null || one.shop !== null))
          .map((one) => ({ where: one.shop ?? one.entityId ?? "", team: nameOf(one.team) })),
      ],
      decides:
        cause.acceptance === "never"
          ? "Nobody can accept it: only a proof ends it."
          : cause.acceptance === "rule"
            ? "Finance may accept one, or (a second person approving) always such."
            : "Finance may accept one, with a reason; above the limit a second person approves.",
      acts: cause.bucket === "open",
    })),
    connections,
    feeds: feeds.map((feed) => ({
      ...feed,
      brings: RECORDS[feed.resource]?.brings ?? feed.resource,
      leads: RECORDS[feed.resource]?.leads ?? "the system that it is read from",
      team: ownerIn(RECORDS[feed.resource]?.cause ?? "feed-behind", feed.entityId),
      every: durationWords(feed.intervalSeconds),
      promise: durationWords(feed.promiseSeconds),
    })),
    cutOffs,
    mappings,
    checks: checks.map((check) => ({ ...check, roleTitle: roleTable[check.role].title })),
    tasks: tasks.map((task) => ({ ...task, team: nameOf(task.ownerTeam) })),
    alerts: alertKinds.map(({ kind, title, meaning, respond, owner, seenWith, bounds }) => ({
      kind,
      title,
      meaning,
      respond,
      owner,
      seenBy: permitting(seenWith).map((role) => roleTable[role].title),
      // As it is watched in each entity: its bounds in words, and why they were set.
      inForce: rules.flat().flatMap((rule) =>
        rule.kind.kind === kind
          ? [
              {
                entityId: rule.entityId,
                enabled: rule.enabled,
                bounds: bounds.map(({ name, label, is }) => ({ label, value: rule.bounds[name] ?? is })),
                recipients: rule.recipients.map((one) => recipientName(one, nameOf)),
                webhook: rule.webhook,
                setBy: rule.setBy,
                reason: rule.reason,
              },
            ]
          : [],
      ),
    })),
    glossary: [...glossary].sort((a, b) => (a.word < b.word ? -1 : 1)),
  };
});

/** "owner" | "team:ID" | "role:ROLE" in words. */
function recipientName(recipient: string, teamName: (id: string) => string): string {
  if (recipient === "owner") return "the team that owns it";
  const [kind, id = ""] = recipient.split(":");
  return kind === "team" ? teamName(id) : isRole(id) ? `everybody: ${roleTable[id].title}` : id;
}

export type ManualView = Awaited<ReturnType<typeof loadManual>>;
