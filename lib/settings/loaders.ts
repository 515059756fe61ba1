import "server-only";
import { cache } from "react";
import { isRole, roleTable } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { dayIn } from "@/lib/domain/day";
import { countMappings } from "@/lib/mappings/data";
import type { MappingTable } from "@/lib/mappings/schema";
import { countWaitingFor } from "@/lib/mappings/waiting";
import { countOwnersWaitingFor } from "@/lib/ownership/data";
import { findSettings } from "./data";
import { roundingPolicyWords } from "./words";

const systems: Readonly<Record<string, string>> = {
  scayle: "SCAYLE Admin API",
  "business-central": "Business Central API v2.0",
  tryton: "Tryton JSON-RPC",
  "file-sales": "Sales files",
  "file-ledger": "Ledger files",
};

const roleWords = ({ role, entityId }: Readonly<{ role: string; entityId: string | null }>): string =>
  `${isRole(role) ? roleTable[role].title : role} (${entityId ?? "all entities"})`;

/** The settings of every entity that the actor may see them of, in words. */
export const loadSettings = cache(async () => {
  const { actor, entities } = await pageEntities("settings.read", undefined);
  const ids = entities.map((entity) => entity.id);
  const [settings, counts, waiting, ownersWaiting] = await Promise.all([
    findSettings(ids),
    countMappings(ids),
    countWaitingFor(actor, ids),
    countOwnersWaitingFor(actor, ids),
  ]);
  const zones = new Map(entities.map((entity) => [entity.id, entity.timeZone]));
  const dayOf = (entityId: string, at: Date | null) => at && dayIn(at, zones.get(entityId) ?? "UTC");
  return {
    ...settings,
    /** requests to change mappings that the reader can decide */
    waiting,
    /** requests to change who owns what that the reader can decide */
    ownersWaiting,
    connections: settings.connections.map((one) => ({
      ...one,
      system: systems[one.kind] ?? one.kind,
      roundingWords: roundingPolicyWords(one.rounding),
      roundingConfirmedOn: dayOf(one.entityId, one.roundingConfirmedAt),
    })),
    mappings: entities.map(({ id }) => ({
      id,
      rows: (table: MappingTable) =>
        counts.find((one) => one.entityId === id && one.table === table)?.rows ?? 0,
    })),
    users: settings.users.map((one) => ({ ...one, grantWords: one.grants.map(roleWords).join(", ") })),
  };
});

export type SettingsView = Awaited<ReturnType<typeof loadSettings>>;
