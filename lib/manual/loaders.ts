import "server-only";
import { cache } from "react";
import { alertKinds } from "@/lib/alerts/registry";
import { findAlertRules } from "@/lib/alerts/rules";
import { isRole, permitting, roleTable } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { causes } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { durationWords } from "@/lib/domain/duration";
import { resolutionsFor } from "@/lib/resolutions/registry";
import { checks } from "./checks";
import {
  findConnections,
  findCutOffs,
  findFeedsInForce,
  findMappingChanges,
  findMonthEndTasks,
  findOwners,
  findTeamsOf,
} from "./data";
import { glossary } from "./glossary";

/** What feeds bring, in words, and in which system it lives. */
const RECORDS: Readonly<Record<string, string>> = {
  orders: "Orders, their items, parcels and payments",
  invoices: "SCAYLE’s list of invoices and credit notes",
  "ledger-documents": "Posted invoices and credit memos of the ERP",
  status: "Where orders stand",
  stock: "Stock levels",
};

/** The operating manual as the system stands at this moment: nothing in it is written twice. */
export const loadManual = cache(async () => {
  const { entities } = await pageEntities("orders.read", undefined);
  const ids = entities.map((entity) => entity.id);
  const pool = appPool();
  const [teams, owners, connections, feeds, cutOffs, mappings, tasks, rules] = await Promise.all([
    findTeamsOf(pool),
    findOwners(pool, ids),
    findConnections(pool, ids),
    findFeedsInForce(pool, ids),
    findCutOffs(pool, ids),
    findMappingChanges(pool, ids),
    findMonthEndTasks(pool, ids),
    Promise.all(
      ids.map(async (entityId) =>
        (await findAlertRules(pool, entityId)).map((rule) => ({ ...rule, entityId })),
      ),
    ),
  ]);
  const nameOf = (team: string) => teams.find((one) => one.id === team)?.name ?? team;
  return {
    at: new Date(),
    entities,
    timeZone: entities[0]?.timeZone ?? "UTC",
    teams,
    causes: causes.map((cause) => ({
      code: cause.code,
      title: cause.title,
      meaning: cause.meaning,
      manual: cause.manual,
      resolution: cause.resolution,
      ways: resolutionsFor(cause.code).map((one) => one.title),
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
      brings: RECORDS[feed.resource] ?? feed.resource,
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
    glossary,
  };
});

/** "owner" | "team:ID" | "role:ROLE" in words. */
function recipientName(recipient: string, teamName: (id: string) => string): string {
  if (recipient === "owner") return "the team that owns it";
  const [kind, id = ""] = recipient.split(":");
  return kind === "team" ? teamName(id) : isRole(id) ? `everybody: ${roleTable[id].title}` : id;
}

export type ManualView = Awaited<ReturnType<typeof loadManual>>;
